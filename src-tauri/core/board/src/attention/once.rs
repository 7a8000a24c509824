//! One change is told once, however often and by whomever it is heard of; what Git does to many files at once is told in
//! one line, and what was there at start not at all.
//!
//! What files tell is held for a moment: the event that names the agent comes after the issue, and that HEAD has moved
//! comes after the files. What is heard of nobody in particular is held as well: its event may be on the way. What is
//! known to be Git's doing is summed up at once. Not here: timers; the caller asks again at [`Once::deadline`].
//!
//! Invariants:
//! - A change comes out at most once, or is counted in at most one summary.
//! - `now` counts from any fixed moment by a clock that never goes back, so that no change of the time stops anything.
//! - Bounded: more changes at once than can be held come to a summary as well.

mod known;
mod sweep;

use std::collections::VecDeque;
use std::time::Duration;

use super::attribution::Sure;
use super::change::{Change, Kind, Told};
use known::Known;
use sweep::Sweep;
pub use sweep::{Cause, Summary};

/// For how long a change is held.
pub const HOLD: Duration = Duration::from_secs(1);
/// How many changes are held. So many within [`HOLD`] are nobody's work on issues.
pub const FLOOD: usize = 500;

/// What is to be told now.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Due {
    /// Changes that are told for the first time.
    pub changes: Vec<Change>,
    /// What many changes came to.
    pub summary: Option<Summary>,
}

/// What was told, and what is about to be.
#[derive(Debug)]
pub struct Once {
    known: Known,
    held: VecDeque<Held>,
    sweep: Option<Sweep>,
}

#[derive(Debug)]
struct Held {
    /// Until when.
    due: Duration,
    telling: u64,
    change: Change,
}

impl Once {
    /// Nothing was told yet, and all that comes is what was there: until [`Once::started`].
    pub fn starting() -> Self {
        let sweep = Some(Sweep::begin(Cause::Start, Duration::ZERO));
        Self { known: Known::default(), held: VecDeque::new(), sweep }
    }

    /// Says that from now on what comes is news.
    pub fn started(&mut self) {
        if self.sweep.as_ref().is_some_and(|sweep| sweep.cause() == Cause::Start) {
            self.sweep = None;
        }
    }

    /// Says that HEAD has moved other than by a commit of what was written: what files told just before and tell just
    /// after is Git's doing.
    pub fn git_moved(&mut self, now: Duration) {
        self.sweep(Cause::Git, now);
    }

    fn sweep(&mut self, cause: Cause, now: Duration) {
        match &mut self.sweep {
            Some(sweep) => sweep.become_of(cause, now),
            None => self.sweep = Some(Sweep::begin(cause, now)),
        }
        let Some(sweep) = &mut self.sweep else { return };
        self.held.retain(|held| {
            let stays = cause == Cause::Git && held.change.told == Told::Heard;
            if !stays {
                sweep.count(&held.change, now);
            }
            stays
        });
        sweep.end(now);
    }

    /// Takes in a change. Answers it, where it is to be told at once; what is to be told later comes by [`Once::due`].
    /// What came due before has to be taken first.
    pub fn tell(&mut self, change: Change, now: Duration) -> Option<Change> {
        let by_file = matches!(change.told, Told::Written | Told::Event);
        let by_nobody = change.told == Told::Heard && change.by.sure != Sure::Said;
        let (telling, first) = self.known.tell(&change, now);
        if !first {
            match self.held.iter().position(|held| held.telling == telling && change.by_git) {
                Some(at) => drop(self.held.remove(at)),
                None => {
                    self.improve(telling, change);
                    return None;
                }
            }
        }
        if change.by_git {
            let sweep = self.sweep.get_or_insert_with(|| Sweep::by_git(now));
            sweep.count(&change, now);
            sweep.end(now);
            return None;
        }
        if self.has_only_moved(&change, telling) {
            return None;
        }
        match &mut self.sweep {
            Some(sweep) if sweep.cause() == Cause::Start || by_file && sweep.takes(&change) => {
                sweep.count(&change, now);
            }
            _ if by_file || by_nobody => self.hold(change, telling, now),
            _ => return Some(change),
        }
        None
    }

    /// Takes in a change of this person's own: it is not told, and neither is another telling of it, held or to come.
    pub fn own(&mut self, change: &Change, now: Duration) {
        let (telling, first) = self.known.tell(change, now);
        if !first {
            self.held.retain(|held| held.telling != telling);
        }
    }

    /// Whether the issue has gone from one place of its project and come to the other, as the other half of it that is
    /// held says. Then neither is told, and neither is known: both may happen again.
    fn has_only_moved(&mut self, change: &Change, telling: u64) -> bool {
        let is_other_half = |held: &Held| {
            let (one, other) = (&held.change.subject, &change.subject);
            let kinds = (held.change.what.kind(), change.what.kind());
            matches!(kinds, (Kind::Created, Kind::Deleted) | (Kind::Deleted, Kind::Created))
                && (&one.project, &one.id) == (&other.project, &other.id)
                && one.source != other.source
        };
        let Some(at) = self.held.iter().position(is_other_half) else { return false };
        if let Some(held) = self.held.remove(at) {
            self.known.forget_tellings(change, [held.telling, telling]);
        }
        true
    }

    fn hold(&mut self, change: Change, telling: u64, now: Duration) {
        self.held.push_back(Held { due: now + HOLD, telling, change });
        if self.held.len() < FLOOD {
            return;
        }
        match &mut self.sweep {
            Some(sweep) => self.held.drain(..).for_each(|held| sweep.count(&held.change, now)),
            None => self.sweep(Cause::Flood, now),
        }
    }

    /// Takes over what another telling of a change that is still held says better.
    fn improve(&mut self, telling: u64, change: Change) {
        let Some(held) = self.held.iter_mut().find(|held| held.telling == telling) else { return };
        held.change.by.improve(change.by);
        held.change.event_id = held.change.event_id.take().or(change.event_id);
        held.change.content = held.change.content.or(change.content);
        if change.what.says_more_than(&held.change.what) {
            held.change.what = change.what;
        }
    }

    /// What is to be told at `now`.
    pub fn due(&mut self, now: Duration) -> Due {
        let ready = self.held.iter().take_while(|held| held.due <= now).count();
        let changes = self.held.drain(..ready).map(|held| held.change).collect();
        let over = self.sweep.take_if(|sweep| sweep.over_at().is_some_and(|over| over <= now));
        Due { changes, summary: over.and_then(Sweep::summary) }
    }

    /// When [`Once::due`] has something next.
    pub fn deadline(&self) -> Option<Duration> {
        let held = self.held.front().map(|held| held.due);
        let over = self.sweep.as_ref().and_then(Sweep::over_at);
        held.into_iter().chain(over).min()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::attention::attribution::{Attribution, Clues, Me};
    use crate::attention::change::What;
    use crate::attention::content::Content;
    use crate::attention::tests::{change, commented, moved};
    use crate::issue::Issue;
    use crate::unit::Source;

    fn ms(milliseconds: u64) -> Duration {
        Duration::from_millis(milliseconds)
    }

    fn steady() -> Once {
        let mut once = Once::starting();
        once.started();
        once
    }

    fn content(title: &str) -> Option<Content> {
        Some(Content::of(&Issue { title: title.into(), ..Issue::default() }))
    }

    fn state(told: Told, what: What, title: &str, event: Option<&str>) -> Change {
        let event_id = event.map(str::to_owned);
        Change { told, content: content(title), event_id, ..change("k-1", what) }
    }

    fn event(what: What, event: &str) -> Change {
        Change { event_id: Some(event.to_owned()), ..change("k-1", what) }
    }

    #[test]
    fn what_is_heard_then_written_then_told_by_its_events_is_one_change_each() {
        let mut once = steady();
        let assigned = || What::Assigned { from: None, to: Some("bob".to_owned()) };
        for what in [moved("done"), assigned()] {
            once.tell(state(Told::Heard, what, "T", Some("e2")), ms(0));
        }
        assert_eq!(once.due(HOLD).changes.len(), 2);
        for what in [moved("done"), assigned()] {
            assert_eq!(once.tell(state(Told::Written, what, "T", None), ms(9_000)), None);
        }
        // The envelope names one of the two events, and not which of the changes that is.
        assert_eq!(once.tell(event(assigned(), "e2"), ms(9_001)), None);
        assert_eq!(once.tell(event(moved("done"), "e1"), ms(9_002)), None);
        assert_eq!(once.due(ms(60_000)), Due::default());
        assert_eq!(once.deadline(), None);
    }

    #[test]
    fn an_issue_that_comes_to_another_place_and_then_goes_from_its_own_has_only_moved() {
        let mut once = steady();
        let life = |what: What, source, at| {
            let mut change = Change { told: Told::Written, ..change("k-1", what) };
            change.content = if change.what == What::Deleted { Some(Content::GONE) } else { content(at) };
            change.subject.source = source;
            change
        };
        let created = || What::Created { top: false, mentions_me: false };
        for turn in 0..3 {
            let (from, to) =
                if turn % 2 == 0 { (Source::Local, Source::Shared) } else { (Source::Shared, Source::Local) };
            let now = ms(turn * 2_000);
            let (came, went) = (life(created(), to, "T"), life(What::Deleted, from, ""));
            let (first, second) = if turn == 2 { (went, came) } else { (came, went) };
            once.tell(first, now);
            once.tell(second, now + ms(30));
            assert_eq!(once.due(now + HOLD), Due::default());
        }
        once.tell(life(What::Deleted, Source::Shared, ""), ms(9_000));
        assert_eq!(once.due(ms(9_000) + HOLD).changes.len(), 1, "that it goes for good is told");
    }

    #[test]
    fn an_event_names_who_wrote_the_file_before_it_is_told() {
        let mut once = steady();
        once.tell(state(Told::Written, commented(""), "T", None), ms(0));
        let mut told = event(commented("words"), "e1");
        let clues = Clues { event_agent: Some("codex-3"), ..Clues::default() };
        told.by = Attribution::from(clues, &Me::default());
        assert_eq!(once.tell(told, ms(20)), None);
        assert_eq!((once.deadline(), once.due(HOLD.saturating_sub(ms(1)))), (Some(HOLD), Due::default()));
        let changes = once.due(HOLD).changes;
        assert_eq!(changes.len(), 1);
        assert_eq!((changes[0].by.agent(), changes[0].event_id.as_deref()), (Some("codex-3"), Some("e1")));
    }

    #[test]
    fn who_was_heard_is_waited_for_where_nobody_is_named() {
        let mut once = steady();
        let heard = |event| state(Told::Heard, commented("words"), "T", Some(event));
        let mut known = event(commented("words"), "e1");
        known.by = Attribution::from(Clues { actor: Some("bob"), ..Clues::default() }, &Me::default());
        once.tell(heard("e1"), ms(0));
        once.tell(known.clone(), ms(30));
        let told = once.due(HOLD).changes;
        assert_eq!((told.len(), told[0].by.who.as_deref(), told[0].told), (1, Some("bob"), Told::Heard));
        let named = Change { by: known.by, content: content("U"), ..heard("e2") };
        assert!(once.tell(named, HOLD + ms(100)).is_some(), "who is known is not waited for");
    }

    #[test]
    fn a_flood_of_what_is_heard_is_bounded_while_git_works() {
        let mut once = steady();
        once.git_moved(ms(0));
        for number in 0..FLOOD * 3 {
            let heard = Change { told: Told::Heard, ..change(&format!("k-{number}"), What::Deleted) };
            once.tell(heard, ms(1));
            assert!(once.held.len() < FLOOD);
        }
        assert_eq!(once.due(ms(60_000)).summary.unwrap().changes, 1_500);
    }

    #[test]
    fn what_is_done_again_is_told_again() {
        let mut once = steady();
        let mut told = Vec::new();
        for (second, status, title) in
            [(0, "done", "A"), (1, "open", "B"), (2, "done", "A"), (3, "open", "C")]
        {
            let change = state(Told::Heard, moved(status), title, None);
            once.tell(change, ms(second * 2_000));
            told.extend(once.due(ms(second * 2_000) + HOLD).changes);
        }
        assert_eq!(told.len(), 4, "there and back are changes, even where the file comes to what it was");
        let again = state(Told::Heard, moved("open"), "C", None);
        once.tell(again, ms(9_000));
        assert_eq!(once.due(ms(9_000) + HOLD), Due::default(), "but the last of them is known");
        let mut events = 0;
        for (name, status) in [("e1", "done"), ("e2", "open"), ("e3", "done"), ("e4", "open"), ("e5", "done")]
        {
            once.tell(event(moved(status), name), ms(10_000));
            events += 1;
            once.tell(event(moved(status), name), ms(10_000));
        }
        assert_eq!(
            (events, once.due(ms(20_000)).changes.len()),
            (5, 1),
            "four of the events were told by states"
        );
    }

    #[test]
    fn what_an_issue_comes_to_again_after_it_was_gone_is_told_again() {
        let mut once = steady();
        let (done, open) = ("A", "B");
        let tellings = [
            (moved("done"), content(done)),
            (What::Deleted, Some(Content::GONE)),
            (What::Created { top: false, mentions_me: false }, content(open)),
            (moved("done"), content(done)),
        ];
        let mut told = 0;
        for (second, (what, content)) in (0..).zip(tellings) {
            once.tell(Change { told: Told::Written, content, ..change("k-1", what) }, ms(second * 2_000));
            told += once.due(ms(second * 2_000) + HOLD).changes.len();
        }
        assert_eq!(told, 4);
    }

    #[test]
    fn what_is_there_at_start_is_not_told() {
        let mut once = Once::starting();
        for told in [Told::Heard, Told::Written, Told::Here] {
            assert_eq!(once.tell(state(told, moved("done"), "T", None), ms(0)), None);
        }
        once.started();
        assert_eq!((once.due(ms(9_000)), once.deadline()), (Due::default(), None));
        once.tell(state(Told::Heard, moved("open"), "U", None), ms(9_000));
        assert_eq!(once.due(ms(9_000) + HOLD).changes.len(), 1);
    }

    #[test]
    fn two_hundred_changes_by_a_checkout_come_to_one_line() {
        let mut once = steady();
        for number in 0..200 {
            let mut written = change(&format!("k-{number}"), moved("done"));
            written.told = Told::Written;
            once.tell(written, ms(number));
            if number == 150 {
                once.git_moved(ms(number));
            }
        }
        let after = once.deadline().unwrap();
        let due = once.due(after);
        assert_eq!((due.changes.len(), once.deadline()), (0, None));
        let summary = due.summary.unwrap();
        assert_eq!(
            (summary.cause, summary.issues, summary.changes, summary.moved),
            (Cause::Git, 200, 200, 200)
        );
        assert_eq!(once.tell(change("k-9", moved("done")), after), None, "its event comes late");
        assert_eq!(once.due(after + HOLD), Due::default());
    }

    #[test]
    fn what_is_heard_while_git_works_is_told_and_what_files_tell_is_summed_up() {
        let mut once = steady();
        assert_eq!(once.tell(event(moved("done"), "e1"), ms(10)), None);
        once.tell(state(Told::Heard, commented("x"), "T", None), ms(20));
        once.git_moved(ms(30));
        once.tell(event(moved("open"), "e2"), ms(40));
        let due = once.due(ms(60_000));
        assert_eq!((due.changes.len(), due.changes[0].told), (1, Told::Heard));
        let summary = due.summary.unwrap();
        assert_eq!((summary.changes, summary.issues), (2, 1));
    }

    #[test]
    fn what_git_is_known_to_have_made_is_summed_up_and_nothing_else_with_it() {
        let mut once = steady();
        let by_git = |id: &str| Change { told: Told::Written, by_git: true, ..change(id, moved("done")) };
        let by_somebody = |id: &str| Change { by_git: false, ..by_git(id) };
        once.tell(by_somebody("k-1"), ms(0));
        (2..5).for_each(|number| drop(once.tell(by_git(&format!("k-{number}")), ms(10))));
        once.tell(by_somebody("k-5"), ms(20));
        let due = once.due(ms(60_000));
        let told: Vec<&str> = due.changes.iter().map(|change| &*change.subject.id).collect();
        assert_eq!((told, due.summary.unwrap().changes), (vec!["k-1", "k-5"], 3));
    }

    #[test]
    fn a_busy_repository_does_not_keep_a_checkout_going() {
        let mut once = steady();
        once.git_moved(ms(0));
        let mut summaries = Vec::new();
        for number in 0..100 {
            let now = ms(number * 100);
            summaries.extend(once.due(now).summary);
            once.tell(event(commented(&number.to_string()), &format!("e{number}")), now);
        }
        assert_eq!(summaries.len(), 1);
        assert!(summaries[0].changes < 60, "{summaries:?}");
    }

    #[test]
    fn more_than_can_be_held_comes_to_a_line_as_well() {
        let mut once = steady();
        for number in 0..FLOOD * 3 {
            once.tell(change(&format!("k-{number}"), What::Deleted), ms(0));
        }
        assert!(once.held.is_empty());
        let summary = once.due(once.deadline().unwrap()).summary.unwrap();
        assert_eq!((summary.cause, summary.deleted), (Cause::Flood, 1_500));
    }
}
