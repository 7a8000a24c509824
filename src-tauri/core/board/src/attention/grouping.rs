//! From changes that are worth a banner to banners: grouped, and not too many.
//!
//! What comes within [`QUIET`] of each other is one banner, raised [`CAP`] after the first at the latest. Once as many
//! were raised in ten minutes as there may be, the rest waits for one digest; it comes as soon as there may be a banner
//! again, and at once where an Interrupt waits in it. Not here: timers (the caller asks again at
//! [`Grouping::deadline`]), words (`banner`), and whether a change is worth a banner at all (`verdict`).
//!
//! Invariants:
//! - Every change that was pushed is counted in exactly one raise, an Interrupt in one of that class.
//! - Bounded: of many changes some lines are kept, and all are counted.
//! - `now` counts from any fixed moment by a clock that never goes back.

use std::collections::BTreeMap;
use std::time::Duration;

use super::budget::Budget;
use super::class::Class;
use super::line::Line;

/// For how long nothing more has to come before a banner is raised.
pub const QUIET: Duration = Duration::from_secs(2);
/// How long a banner waits at most.
pub const CAP: Duration = Duration::from_secs(10);
/// The most lines that are kept of one banner.
pub const MOST_LINES: usize = 32;
/// The most names that are kept of one banner.
pub const MOST_NAMES: usize = 64;

/// How changes are raised.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Form {
    /// One change, or those of one moment.
    Banner,
    /// What was too much for banners.
    Digest,
}

/// Something to be raised.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Raise {
    /// Its class: that of what is highest in it.
    pub class: Class,
    /// How.
    pub form: Form,
    /// What is in it.
    pub group: Group,
}

/// Changes that are told together.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Group {
    /// How many changes it counts.
    pub count: u64,
    /// How many of them interrupt.
    pub interrupts: u64,
    /// Some of them: those that interrupt first, then by who did it and by epic.
    pub lines: Vec<Line>,
    /// Who did them, with how many each and whether it is an agent; nobody in particular by an empty name.
    pub who: BTreeMap<String, (u64, bool)>,
    /// Whether there are more names than are kept.
    pub more_names: bool,
    /// Their epics.
    pub epic: Epics,
}

/// The epics of a group.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub enum Epics {
    /// Nothing is in the group.
    #[default]
    Unknown,
    /// All are in this one.
    One(String),
    /// They are in several, or some in none.
    Several,
}

impl Epics {
    fn add(&mut self, other: Self) {
        if *self == Self::Unknown {
            *self = other;
        } else if *self != other && other != Self::Unknown {
            *self = Self::Several;
        }
    }
}

impl Group {
    fn add(&mut self, line: Line) {
        self.count += 1;
        self.interrupts += u64::from(line.class == Class::Interrupt);
        self.name(line.who.clone().unwrap_or_default(), (1, line.agent));
        self.epic.add(line.epic.clone().map_or(Epics::Several, Epics::One));
        self.keep(line);
    }

    fn merge(&mut self, other: Self) {
        self.count += other.count;
        self.interrupts += other.interrupts;
        self.more_names |= other.more_names;
        self.epic.add(other.epic);
        other.who.into_iter().for_each(|(who, many)| self.name(who, many));
        other.lines.into_iter().for_each(|line| self.keep(line));
    }

    fn name(&mut self, who: String, (count, agent): (u64, bool)) {
        if self.who.len() >= MOST_NAMES && !self.who.contains_key(&who) {
            self.more_names = true;
            return;
        }
        let known = self.who.entry(who).or_default();
        *known = (known.0 + count, known.1 || agent);
    }

    /// Keeps a line while there is room; one that interrupts in the place of one that does not.
    fn keep(&mut self, line: Line) {
        if self.lines.len() < MOST_LINES {
            self.lines.push(line);
        } else if line.class == Class::Interrupt
            && let Some(lower) = self.lines.iter_mut().rev().find(|kept| kept.class < Class::Interrupt)
        {
            *lower = line;
        }
    }

    fn sort(&mut self) {
        // Stable: what is alike stays in the order in which it came.
        self.lines.sort_by(|a, b| {
            let order = |line: &Line| (line.class != Class::Interrupt, line.who.is_none());
            order(a).cmp(&order(b)).then_with(|| a.who.cmp(&b.who)).then_with(|| a.epic.cmp(&b.epic))
        });
    }
}

/// What came of one class and was not raised yet.
#[derive(Debug)]
struct Lane {
    class: Class,
    group: Group,
    first: Duration,
    last: Duration,
}

impl Lane {
    fn new(class: Class) -> Self {
        Self { class, group: Group::default(), first: Duration::ZERO, last: Duration::ZERO }
    }

    fn due(&self) -> Option<Duration> {
        (self.group.count > 0).then(|| (self.last + QUIET).min(self.first + CAP))
    }

    fn push(&mut self, line: Line, now: Duration) {
        if self.group.count == 0 {
            self.first = now;
        }
        self.last = now;
        self.group.add(line);
    }
}

/// What waits to be raised.
#[derive(Debug)]
pub struct Grouping {
    lanes: [Lane; 2],
    /// What was due while there were banners enough.
    rest: Group,
    budget: Budget,
}

impl Default for Grouping {
    fn default() -> Self {
        let lanes = [Lane::new(Class::Interrupt), Lane::new(Class::Notice)];
        Self { lanes, rest: Group::default(), budget: Budget::default() }
    }
}

impl Grouping {
    /// Takes in a line that is worth a banner. What is of a lower class than that is left out.
    pub fn push(&mut self, line: Line, now: Duration) {
        if let Some(lane) = self.lanes.iter_mut().find(|lane| lane.class == line.class) {
            lane.push(line, now);
        }
    }

    /// What is to be raised at `now`.
    pub fn due(&mut self, now: Duration) -> Vec<Raise> {
        let mut raises: Vec<Raise> = self.rest_due(now).into_iter().collect();
        for at in 0..self.lanes.len() {
            if self.lanes[at].due().is_none_or(|due| now < due) {
                continue;
            }
            let class = self.lanes[at].class;
            let group = std::mem::take(&mut self.lanes[at].group);
            // What has waited longer comes first, so nothing passes it.
            if self.rest.count == 0 && self.budget.take_banner(now) {
                raises.push(raise(class, Form::Banner, group));
            } else {
                self.rest.merge(group);
            }
        }
        raises.extend(self.rest_due(now));
        raises
    }

    /// When [`Grouping::due`] has something next.
    pub fn deadline(&self) -> Option<Duration> {
        let lanes = self.lanes.iter().filter_map(Lane::due);
        lanes.chain(self.rest_at()).min()
    }

    /// When the rest may be raised.
    fn rest_at(&self) -> Option<Duration> {
        let banner = self.budget.banner_at();
        match (self.rest.count, self.rest.interrupts) {
            (0, _) => None,
            (_, 0) => Some(banner),
            _ => Some(banner.min(self.budget.digest_at())),
        }
    }

    fn rest_due(&mut self, now: Duration) -> Option<Raise> {
        self.rest_at().filter(|at| *at <= now)?;
        // Where there was a digest of late, this one is counted as a banner.
        if !self.budget.take_digest(now) && !self.budget.take_banner(now) {
            return None;
        }
        let class = if self.rest.interrupts > 0 { Class::Interrupt } else { Class::Notice };
        Some(raise(class, Form::Digest, std::mem::take(&mut self.rest)))
    }
}

fn raise(class: Class, form: Form, mut group: Group) -> Raise {
    group.sort();
    Raise { class, form, group }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::attention::attribution::Me;
    use crate::attention::budget;
    use crate::attention::tests::{by_agent, moved};

    fn line(agent: &str, class: Class) -> Line {
        Line::of(&by_agent("k-1", agent, moved("done")), class, &Me::default())
    }

    /// Pushes lines at their times and raises what is due whenever it is, as a caller does.
    fn run(lines: impl IntoIterator<Item = (Duration, Line)>) -> Vec<(Duration, Raise)> {
        let mut grouping = Grouping::default();
        let mut raised = Vec::new();
        for (at, line) in lines {
            catch_up(&mut grouping, Some(at), &mut raised);
            grouping.push(line, at);
        }
        catch_up(&mut grouping, None, &mut raised);
        raised
    }

    fn catch_up(grouping: &mut Grouping, until: Option<Duration>, raised: &mut Vec<(Duration, Raise)>) {
        while let Some(at) = grouping.deadline().filter(|at| until.is_none_or(|until| *at <= until)) {
            let due = grouping.due(at);
            assert!(!due.is_empty() || grouping.deadline() > Some(at), "a deadline leads somewhere");
            raised.extend(due.into_iter().map(|raise| (at, raise)));
        }
    }

    fn seconds(seconds: u64) -> Duration {
        Duration::from_secs(seconds)
    }

    #[test]
    fn fifteen_agents_that_finish_within_two_seconds_are_one_banner() {
        let lines =
            (0..15).map(|n| (Duration::from_millis(n * 130), line(&format!("codex-{n}"), Class::Notice)));
        let raised = run(lines);
        assert_eq!(raised.len(), 1);
        let (at, raise) = &raised[0];
        assert_eq!(
            (*at, raise.form, raise.class),
            (Duration::from_millis(14 * 130 + 2_000), Form::Banner, Class::Notice)
        );
        assert_eq!((raise.group.count, raise.group.who.len()), (15, 15));
    }

    #[test]
    fn a_hundred_changes_in_ten_minutes_are_six_banners_and_a_digest() {
        let raised = run((0..100).map(|n| (seconds(n * 6), line("codex-3", Class::Notice))));
        let forms: Vec<_> = raised.iter().map(|(_, raise)| raise.form).collect();
        assert_eq!(forms[..6], [Form::Banner; 6]);
        assert_eq!(forms[6..], [Form::Digest]);
        assert_eq!(raised.iter().map(|(_, raise)| raise.group.count).sum::<u64>(), 100);
    }

    #[test]
    fn what_does_not_stop_is_raised_after_ten_seconds() {
        let raised = run((0..30).map(|n| (seconds(n), line("codex-3", Class::Notice))));
        let told: Vec<_> = raised.iter().map(|(at, raise)| (at.as_secs(), raise.group.count)).collect();
        assert_eq!(told, [(10, 10), (20, 10), (30, 10)]);
    }

    #[test]
    fn an_interrupt_has_a_banner_of_its_own_and_does_not_wait_for_the_digest() {
        let busy = (0..6).map(|n| (seconds(n * 3), line("codex-3", Class::Notice)));
        let more = [
            (seconds(100), line("codex-4", Class::Notice)),
            (seconds(101), line("codex-5", Class::Interrupt)),
            (seconds(200), line("codex-6", Class::Notice)),
            (seconds(300), line("codex-7", Class::Interrupt)),
        ];
        let raised = run(busy.chain(more));
        let later: Vec<_> = raised[6..]
            .iter()
            .map(|(at, raise)| (at.as_secs(), raise.class, raise.form, raise.group.count))
            .collect();
        let expected = [(103, Class::Interrupt, Form::Digest, 2), (602, Class::Interrupt, Form::Digest, 2)];
        assert_eq!(later, expected);
        let both = run([(seconds(0), line("a", Class::Notice)), (seconds(0), line("b", Class::Interrupt))]);
        let classes: Vec<_> = both.iter().map(|(_, raise)| (raise.class, raise.group.count)).collect();
        assert_eq!(classes, [(Class::Interrupt, 1), (Class::Notice, 1)]);
    }

    #[test]
    fn however_much_comes_little_is_kept_and_all_is_counted() {
        let mut grouping = Grouping::default();
        for number in 0..10_000 {
            grouping.push(line(&format!("agent-{number}"), Class::Notice), seconds(0));
        }
        let raise = grouping.due(seconds(60)).remove(0);
        assert_eq!((raise.group.count, raise.group.lines.len()), (10_000, MOST_LINES));
        assert_eq!((raise.group.who.len(), raise.group.more_names), (MOST_NAMES, true));
        grouping.push(line("a", Class::Inbox), seconds(70));
        assert_eq!(grouping.deadline(), None, "what has no banner is not waited for");
    }

    proptest! {
        #[test]
        fn no_interrupt_is_lost_and_there_are_never_too_many_banners(
            steps in prop::collection::vec((0u64..90_000, any::<bool>(), 0u8..5), 0..200)
        ) {
            let mut now = Duration::ZERO;
            let mut pushed = (0, 0);
            let lines: Vec<_> = steps.into_iter().map(|(wait, interrupts, agent)| {
                now += Duration::from_millis(wait);
                pushed = (pushed.0 + 1, pushed.1 + u64::from(interrupts));
                (now, line(&format!("a{agent}"), if interrupts { Class::Interrupt } else { Class::Notice }))
            }).collect();
            let raised = run(lines);
            let (mut count, mut interrupts) = (0, 0);
            for (_, raise) in &raised {
                count += raise.group.count;
                interrupts += raise.group.interrupts;
                prop_assert_eq!(raise.class == Class::Interrupt, raise.group.interrupts > 0);
                let kept = raise.group.lines.iter().filter(|line| line.class == Class::Interrupt).count() as u64;
                prop_assert_eq!(kept, raise.group.interrupts.min(MOST_LINES as u64));
                prop_assert_eq!(raise.group.who.values().map(|(count, _)| count).sum::<u64>(), raise.group.count);
            }
            prop_assert_eq!((count, interrupts), pushed);
            for (from, _) in &raised {
                let within = raised.iter().filter(|(at, _)| from <= at && *at < *from + budget::SPAN).count();
                prop_assert!(within <= budget::MOST + 1, "{} raises in ten minutes", within);
            }
        }
    }
}
