//! Rules on trial: what they would have made of the events of the last day, before they are kept.
//!
//! Not here: what rules mean (`hearsay_board::attention::rule`).

use std::collections::BTreeMap;

use hearsay_board::attention::rule::dry_run;
use hearsay_board::attention::{Change, EventSight, Line, Me, Rules, Seen, Telling};
use hearsay_board::overlay::Fields;
use hearsay_repo::{IssueFile, Repository, recent_events};
use jiff::{SignedDuration, Timestamp};

use crate::wire::{ErrorCode, Trial, WireError};
use crate::workspace::Clock;

/// How far back the trial goes.
const BACK: SignedDuration = SignedDuration::from_hours(24);
/// Of how many issues the texts are read, so that rules can look for words in comments.
const MOST_DOCUMENTS: usize = 500;

/// Tries `rules` on the last day's events of `repository`. `place` has events placed on the board.
///
/// # Errors
/// Where the rules cannot be read, or nobody answers any more.
pub(crate) fn trial(
    rules: &str,
    repository: &Repository,
    clock: Clock,
    me: &Me,
    place: impl FnOnce(Vec<Placing>) -> Result<Vec<(Timestamp, EventSight)>, WireError>,
) -> Result<Trial, WireError> {
    let rules = Rules::parse(rules).map_err(|error| {
        WireError::new(ErrorCode::Invalid, error.to_string()).with_hint("Mend that line of the rules.")
    })?;
    let now = clock();
    let since = Timestamp::try_from(now).unwrap_or_default().saturating_sub(BACK).unwrap_or_default();
    let events = recent_events(repository, since, now);
    let placings = events.into_iter().map(|(place, issue, event)| {
        let at = event.occurred_at.as_deref().and_then(|at| at.parse().ok()).unwrap_or(since);
        Placing { at, place, issue, event }
    });
    let sights = place(placings.collect())?;
    let mut documents: BTreeMap<String, Option<Fields>> = BTreeMap::new();
    let mut changes: Vec<Change> = Vec::new();
    for (at, sight) in sights {
        let seen = Seen::Event(Box::new(sight));
        let document = seen.wants().and_then(|(place, id)| {
            if documents.len() >= MOST_DOCUMENTS && !documents.contains_key(id) {
                return None;
            }
            let read = || {
                let file = IssueFile::read(repository, place, id, now).ok()?;
                serde_json::from_str(file.document.text()).ok()
            };
            documents.entry(id.to_owned()).or_insert_with(read).as_ref()
        });
        changes.extend(seen.changes(Telling { at, me, document }));
    }
    // What the person did themselves is not told, whatever the rules say.
    changes.retain(|change| change.by.who.is_some());
    let run = dry_run(&rules, &changes, me, |_| false);
    let lines = changes.iter().zip(&run.tried).map(|(change, tried)| Line::of(change, tried.class, me));
    Ok(Trial { lines: lines.collect(), run })
}

/// An event that is to be placed on the board.
#[derive(Debug)]
pub(crate) struct Placing {
    pub(crate) at: Timestamp,
    pub(crate) place: hearsay_board::Place,
    pub(crate) issue: Box<str>,
    pub(crate) event: Box<hearsay_board::event::EventEntry>,
}
