//! A project, a participant that hosts its bus, and somebody who speaks on that.

use std::time::Duration;

use hearsay_tests::envelope::mutated;
use hearsay_tests::wait::until;
use hearsay_tests::{Board, Bus, Feed, Issue, Project, Watching};
use serde_json::Value;

/// The issue by which it is told how far the participant has come. Nobody has a file of it.
const FENCE: &str = "demo-fence";

/// How long it is waited for something to be heard before it is said again.
const PAUSE: Duration = Duration::from_millis(100);

/// A project, `hear watch` of it as the host of the local bus, and a client of that.
pub(crate) struct Party {
    pub(crate) watching: Watching,
    pub(crate) bus: Bus,
    pub(crate) project: Project,
    fences: u32,
}

impl Party {
    /// With so many issues, committed.
    pub(crate) fn new(count: usize) -> Self {
        Self::of(Project::gossiping(count))
    }

    /// With this project.
    pub(crate) fn of(project: Project) -> Self {
        Self::with(project, &[])
    }

    /// With this project and further words for `hear watch`.
    pub(crate) fn with(project: Project, words: &[&str]) -> Self {
        let mut watching = project.caller().watch_with(project.root(), words);
        watching.listens(&["uds"]);
        // It only speaks: whoever listens and does not read is let go.
        let bus = Bus::connect(&project.machine().socket());
        Self { watching, bus, project, fences: 0 }
    }

    /// Says it on the bus.
    pub(crate) fn say(&mut self, envelope: &Value) {
        self.bus.say(envelope);
    }

    /// Says that `issue` is now so, and waits until that is heard. Answers the card.
    pub(crate) fn hears(&mut self, issue: &Issue) -> Value {
        self.say(&mutated(issue));
        let title = issue.title.clone();
        self.watching.hears(&issue.id, |card| card["title"] == title.as_str())
    }

    /// Says on whatever bus there is that `issue` is now so, until that is heard: between two hosts, what is said once
    /// may be said to nobody.
    pub(crate) fn hears_again(&mut self, issue: &Issue) {
        hears_again(&self.project, &mut self.watching, issue);
        self.bus = Bus::connect(&self.project.machine().socket());
    }

    /// Waits until everything that was said here is taken in.
    pub(crate) fn fence(&mut self) {
        self.fences += 1;
        let title = format!("Fence {}", self.fences);
        self.hears(&Issue::new(FENCE, &title).changed(self.fences));
    }

    /// The same, and until what is held equals a fresh reading, to the byte. Answers that, without the fence.
    pub(crate) fn settle(&mut self) -> Board {
        self.fence();
        let mut board = self.watching.settle();
        board.units.remove(&format!("card:{FENCE}"));
        board
    }

    /// Everything that is heard and kept, without the fence.
    pub(crate) fn overlay(&self) -> Vec<String> {
        let entries = self.project.overlay().into_keys();
        entries.filter(|path| !path.contains(FENCE)).collect()
    }
}

/// The same for any project and whoever watches it.
pub(crate) fn hears_again(project: &Project, watching: &mut Watching, issue: &Issue) {
    until("what is said to be heard again", || {
        Bus::try_say(&project.machine().socket(), &mutated(issue))?;
        while let Some(message) = watching.running.next(PAUSE) {
            watching.follower.apply(&message);
        }
        let board = &watching.follower.board;
        (board.has_card(&issue.id) && board.card(&issue.id)["title"] == issue.title.as_str()).then_some(())
    });
}

/// The issue of that number with another title, changed later than any that lies in a file.
pub(crate) fn retitled(number: usize, title: &str) -> Issue {
    Issue::numbered(number).titled(title).changed(5)
}
