//! What was told of each issue, so that it is known again when it is told otherwise.
//!
//! Not here: whether it is held or summed up (`sweep`).
//!
//! Invariants:
//! - A telling by event and one by state pair off one to one, so that what is done twice is known twice.
//! - Bounded in number and in age.

use std::collections::{HashMap, VecDeque};
use std::sync::Arc;
use std::time::Duration;

use crate::attention::change::{Change, Told, Trace};
use crate::attention::content::Content;

/// The most tellings that are remembered.
const MOST: usize = 4_096;
/// For how long.
const AGE: Duration = Duration::from_secs(24 * 3_600);
/// Within what time a telling by state and one by event are of one change, where nothing else ties them.
const PAIR: Duration = Duration::from_secs(600);
/// An event is of one change; more than this nobody sends.
const MOST_EVENTS: usize = 4;

#[derive(Debug)]
struct Telling {
    number: u64,
    at: Duration,
    trace: Trace,
    content: Option<Content>,
    events: Vec<String>,
    by_state: bool,
    by_event: bool,
}

/// What was told.
#[derive(Debug, Default)]
pub(super) struct Known {
    issues: HashMap<Arc<str>, VecDeque<Telling>>,
    /// The issues of all tellings, in the order in which they were told.
    order: VecDeque<Arc<str>>,
    next: u64,
}

impl Known {
    /// Takes in a change. Answers the number of the telling that it is, and whether it is the first.
    pub(super) fn tell(&mut self, change: &Change, now: Duration) -> (u64, bool) {
        self.forget(now);
        // No label has a line break in it.
        let issue: Arc<str> = format!("{}\n{}", change.subject.project, change.subject.id).into();
        let by_event = change.told == Told::Event;
        let by_state = matches!(change.told, Told::Heard | Told::Written);
        let tellings = self.issues.entry(issue.clone()).or_default();
        let trace = change.what.trace();
        if let Some(at) = find(tellings, change, &trace, now) {
            let telling = &mut tellings[at];
            telling.by_event |= by_event;
            telling.by_state |= by_state;
            telling.content = telling.content.or(change.content);
            telling.learn(change.event_id.as_ref());
            return (telling.number, false);
        }
        let number = self.next;
        self.next += 1;
        let (content, events) = (change.content, change.event_id.iter().cloned().collect());
        tellings.push_back(Telling { number, at: now, trace, content, events, by_state, by_event });
        self.order.push_back(issue);
        (number, true)
    }

    /// Lets go of these tellings of the issue that `change` is of.
    pub(super) fn forget_tellings(&mut self, change: &Change, numbers: [u64; 2]) {
        let issue = format!("{}\n{}", change.subject.project, change.subject.id);
        let Some(tellings) = self.issues.get_mut(issue.as_str()) else { return };
        for number in numbers {
            let Some(at) = tellings.iter().position(|telling| telling.number == number) else { continue };
            tellings.remove(at);
            // The order has the issue once for each of its tellings.
            if let Some(at) = self.order.iter().rposition(|of| **of == *issue) {
                self.order.remove(at);
            }
        }
        if tellings.is_empty() {
            self.issues.remove(issue.as_str());
        }
    }

    fn forget(&mut self, now: Duration) {
        while let Some(issue) = self.order.front() {
            let tellings = self.issues.get(issue);
            let oldest = tellings.and_then(|tellings| tellings.front()).map(|telling| telling.at);
            let is_old = oldest.is_none_or(|oldest| now.saturating_sub(oldest) > AGE);
            if self.order.len() < MOST && !is_old {
                break;
            }
            let Some(issue) = self.order.pop_front() else { break };
            if let Some(tellings) = self.issues.get_mut(&issue) {
                tellings.pop_front();
                if tellings.is_empty() {
                    self.issues.remove(&issue);
                }
            }
        }
    }
}

impl Telling {
    fn learn(&mut self, event: Option<&String>) {
        if let Some(event) =
            event.filter(|event| self.events.len() < MOST_EVENTS && !self.events.contains(event))
        {
            self.events.push(event.clone());
        }
    }
}

/// The telling that `change` is another of.
fn find(tellings: &VecDeque<Telling>, change: &Change, trace: &Trace, now: Duration) -> Option<usize> {
    let of_it = || {
        let all = tellings.iter().enumerate();
        all.filter(|(_, telling)| telling.trace.is_of(trace))
    };
    let is_newest = |at: usize| tellings.range(at + 1..).all(|later| !later.trace.replaces(trace));
    let same_event =
        |telling: &Telling| change.event_id.as_ref().is_some_and(|event| telling.events.contains(event));
    let same_content = |telling: &Telling| change.content.is_some() && telling.content == change.content;
    // A thing that has an id of its own happens once.
    if let Some((at, _)) = of_it().find(|(_, telling)| trace.is_unique() && telling.trace == *trace) {
        return Some(at);
    }
    if let Some((at, _)) = of_it().find(|(_, telling)| same_event(telling)) {
        return Some(at);
    }
    let fresh = |telling: &Telling| now.saturating_sub(telling.at) <= PAIR;
    match change.told {
        Told::Heard | Told::Written => {
            let known = of_it().rev().find(|(at, telling)| same_content(telling) && is_newest(*at));
            let pair =
                || of_it().rev().find(|(_, telling)| !telling.by_state && telling.by_event && fresh(telling));
            known.or_else(pair).map(|(at, _)| at)
        }
        Told::Event => {
            let pair = of_it().find(|(_, telling)| telling.by_state && !telling.by_event && fresh(telling));
            pair.map(|(at, _)| at)
        }
        Told::Here => {
            of_it().rev().find(|(at, telling)| same_content(telling) && is_newest(*at)).map(|(at, _)| at)
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::attention::tests::{change, moved};

    #[test]
    fn what_was_told_is_forgotten_by_number_and_by_age() {
        let mut known = Known::default();
        let tell = |known: &mut Known, number: usize, second: u64| {
            let mut change = change(&format!("k-{}", number % 100), moved("done"));
            change.event_id = Some(format!("e{number}"));
            known.tell(&change, Duration::from_secs(second)).1
        };
        for number in 0..MOST * 2 {
            assert!(tell(&mut known, number, 0));
        }
        assert_eq!(known.order.len(), MOST);
        assert_eq!(known.issues.values().map(VecDeque::len).sum::<usize>(), MOST);
        assert!(!tell(&mut known, MOST * 2 - 1, 24 * 3_600));
        assert!(tell(&mut known, MOST * 2 - 1, 24 * 3_600 + 1));
        assert_eq!((known.order.len(), known.issues.len()), (1, 1));
    }
}
