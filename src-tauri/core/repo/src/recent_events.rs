//! The events of the last while, in all projects of a working tree: what rules are tried on.
//!
//! Kanbus names an event `<time>__<event id>.json`, so names tell which are young enough. Not here: the newest events of a
//! board that is watched (`events`), and the history of one issue (`history`).
//!
//! Invariant: bounded; of more events than [`MOST`] the newest are read.

use std::time::SystemTime;

use hearsay_board::event::EventEntry;
use hearsay_board::{EventRecord, Place};
use jiff::Timestamp;

use crate::committed::Committed;
use crate::configuration::Source;
use crate::discovery::Repository;
use crate::file;
use crate::folder::is_record;
use crate::layout::Layout;
use crate::parallel;

/// The most events that are read.
const MOST: usize = 2_000;

/// The events since `since`, newest first: the place of each, what it names as the issue, and what it tells.
pub fn recent_events(
    repository: &Repository,
    since: Timestamp,
    now: SystemTime,
) -> Vec<(Place, Box<str>, Box<EventEntry>)> {
    let repository = repository.again();
    let committed = Committed::open(&repository.root).ok();
    let source = Source { root: &repository.root, committed: committed.as_ref(), now };
    let homes = Layout::read(&repository, source).0.folders;
    // To the second: how finely a name tells the time differs. In names `-` stands for `:`.
    let oldest = since.to_string().replace(':', "-");
    let oldest = oldest.get(..19).unwrap_or_default();
    let mut names: Vec<(usize, String)> = Vec::new();
    for (at, home) in homes.iter().enumerate() {
        let entries = std::fs::read_dir(home.events()).into_iter().flatten().flatten();
        let young = entries.filter_map(|entry| {
            let name = entry.file_name().into_string().ok()?;
            (is_record(&name) && name.as_str() >= oldest).then_some((at, name))
        });
        names.extend(young);
    }
    names.sort_by(|(_, a), (_, b)| b.cmp(a));
    names.truncate(MOST);
    let read = |(at, name): &(usize, String), bytes: &mut Vec<u8>| {
        let home = &homes[*at];
        file::read(&home.events().join(name), &home.dir, bytes).ok()?;
        let issue = EventRecord::issue_id(bytes)?;
        Some((home.place.clone(), issue, Box::new(EventEntry::parse(bytes).ok()?)))
    };
    parallel::map(&names, read, &|_| ()).flatten().collect()
}
