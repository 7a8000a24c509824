//! What was done and can be taken back.
//!
//! Not here: taking it back (`undo`), and what undoes an edit (`hearsay_board::rules`).
//!
//! Invariants:
//! - So many steps and so many bytes are kept, and the oldest goes first.
//! - What is too much to be kept is said when it is done. What goes later, for what is done after it, is said to whoever
//!   asks for it.

use std::collections::VecDeque;

use hearsay_board::rules::Edit;
use hearsay_board::{Document, Place};
use hearsay_repo::write::EventFile;

/// How many steps are kept.
const STEPS: usize = 200 + super::MOST;
/// About how many bytes are kept, all steps together.
const BYTES: usize = 32 << 20;
/// How many bytes of event files are kept of one deletion.
pub(super) const HISTORY: usize = BYTES / 2;
/// How many issues a remark names.
const NAMED: usize = 3;

/// What undoes something.
#[derive(Debug, Clone)]
pub(super) enum Inverse {
    /// An edit of an issue.
    Edit {
        place: Place,
        id: String,
        edit: Box<Edit>,
        /// When the issue was made: another one by that id is not meant.
        born: Option<i64>,
    },
    /// An issue that is to go.
    Delete {
        place: Place,
        id: String,
        /// The blob id that it was made with: what others have made of it is not theirs to lose.
        base: String,
    },
    /// An issue that is to come back.
    Restore(Restore),
    /// An issue that is to go to where it was; it is in `place` now.
    Move { place: Place, id: String },
}

/// An issue that is gone, and can come back as it was.
#[derive(Debug, Clone)]
pub(super) struct Restore {
    pub(super) place: Place,
    pub(super) id: String,
    pub(super) document: Box<Document>,
    /// The event files that went with it, as far as they are kept.
    pub(super) history: Vec<EventFile>,
    /// How many are not.
    pub(super) lost: usize,
}

impl Inverse {
    /// About how many bytes it takes to keep it.
    fn weight(&self) -> usize {
        let inside = match self {
            Self::Edit { id, edit, .. } => id.len() + edit.weight(),
            Self::Delete { id, base, .. } => id.len() + base.len(),
            Self::Restore(gone) => {
                let files = gone
                    .history
                    .iter()
                    .map(|file| size_of::<EventFile>() + file.name.len() + file.bytes.len());
                gone.id.len() + gone.document.text().len() + files.sum::<usize>()
            }
            Self::Move { id, .. } => id.len(),
        };
        size_of::<Self>() + inside
    }

    /// Gives up the events that would come back with an issue.
    fn forget_history(&mut self) {
        if let Self::Restore(gone) = self {
            gone.lost += std::mem::take(&mut gone.history).len();
        }
    }
}

/// What became of something that was to be kept.
#[derive(Debug, Default, PartialEq, Eq)]
pub(super) struct Kept {
    /// What to say to have it taken back; `None` where that cannot be.
    pub(super) token: Option<String>,
    /// What of it cannot be taken back.
    pub(super) remark: Option<String>,
}

/// What was done together.
#[derive(Debug)]
struct Entry {
    token: String,
    /// In the order in which they are taken.
    steps: Vec<Inverse>,
    weight: usize,
}

/// What was done and can be taken back, by token, the oldest first.
#[derive(Debug, Default)]
pub(super) struct Undone {
    entries: VecDeque<Entry>,
    weight: usize,
}

impl Undone {
    /// Keeps the steps that undo something.
    pub(super) fn keep(&mut self, mut steps: Vec<Inverse>, token: String) -> Kept {
        let weigh = |steps: &[Inverse]| token.len() + steps.iter().map(Inverse::weight).sum::<usize>();
        let mut weight = weigh(&steps);
        if weight > BYTES {
            steps.iter_mut().for_each(Inverse::forget_history);
            weight = weigh(&steps);
        }
        if weight > BYTES {
            let remark = "This cannot be taken back: it is more than is kept.".to_owned();
            return Kept { token: None, remark: Some(remark) };
        }
        let remark = without_history(&steps);
        self.weight += weight;
        self.entries.push_back(Entry { token: token.clone(), steps, weight });
        while self.entries.len() > STEPS || self.weight > BYTES {
            let oldest = self.entries.pop_front();
            self.weight -= oldest.map_or(self.weight, |oldest| oldest.weight);
        }
        Kept { token: Some(token), remark }
    }

    /// Makes one of those with these tokens: what was done last is taken back first.
    pub(super) fn together<'a>(&mut self, tokens: impl Iterator<Item = &'a str>, token: String) -> Kept {
        let all: Vec<Option<Vec<Inverse>>> = tokens.map(|one| self.take(one)).collect();
        let gone = all.iter().filter(|one| one.is_none()).count();
        let steps: Vec<Inverse> = all.into_iter().rev().flatten().flatten().collect();
        let kept = if steps.is_empty() { Kept::default() } else { self.keep(steps, token) };
        let remark = || format!("{gone} of these cannot be taken back: they are more than is kept.");
        Kept { remark: (gone > 0).then(remark), ..kept }
    }

    /// Takes out what has that token.
    pub(super) fn take(&mut self, token: &str) -> Option<Vec<Inverse>> {
        let at = self.entries.iter().position(|entry| entry.token == token)?;
        let entry = self.entries.remove(at)?;
        self.weight -= entry.weight;
        Some(entry.steps)
    }
}

/// Which issues would come back without their events.
fn without_history(steps: &[Inverse]) -> Option<String> {
    let bare: Vec<&str> = steps
        .iter()
        .filter_map(|step| match step {
            Inverse::Restore(gone) if gone.lost > 0 => Some(gone.id.as_str()),
            _ => None,
        })
        .collect();
    let named = bare[..bare.len().min(NAMED)].join(", ");
    let more = match bare.len().checked_sub(NAMED) {
        None | Some(0) => String::new(),
        Some(more) => format!(" and {more} more"),
    };
    (!bare.is_empty()).then(|| {
        format!("The events of {named}{more} are more than is kept: taken back, it comes without them.")
    })
}

#[cfg(test)]
mod tests {
    use hearsay_board::Source;

    use super::*;

    fn place() -> Place {
        Place { project: "k".into(), source: Source::Shared }
    }

    fn gone(id: &str, text: usize, history: usize) -> Inverse {
        let text = format!("{{\"id\":\"{id}\",\"x\":\"{}\"}}", "x".repeat(text));
        let document = Box::new(Document::parse(text.into_bytes()).unwrap());
        let history = vec![EventFile { name: "event.json".to_owned(), bytes: vec![b'x'; history] }];
        Inverse::Restore(Restore { place: place(), id: id.to_owned(), document, history, lost: 0 })
    }

    fn kept(undone: &mut Undone, steps: Vec<Inverse>, token: &str) -> Kept {
        let kept = undone.keep(steps, token.to_owned());
        assert!(undone.weight <= BYTES && undone.entries.len() <= STEPS);
        assert_eq!(undone.weight, undone.entries.iter().map(|entry| entry.weight).sum::<usize>());
        kept
    }

    #[test]
    fn so_many_bytes_are_kept_and_the_oldest_goes_first() {
        let mut undone = Undone::default();
        for token in 0..10 {
            assert_eq!(kept(&mut undone, vec![gone("k-1", 10, BYTES / 4)], &token.to_string()).remark, None);
        }
        assert!(undone.take("6").is_none());
        for token in ["7", "8", "9"] {
            assert_eq!(undone.take(token).map(|steps| steps.len()), Some(1), "{token}");
        }
        assert_eq!((undone.weight, undone.entries.len()), (0, 0));
    }

    #[test]
    fn so_many_steps_are_kept_and_the_oldest_goes_first() {
        let mut undone = Undone::default();
        for token in 0..=STEPS {
            kept(
                &mut undone,
                vec![Inverse::Move { place: place(), id: "k-1".to_owned() }],
                &token.to_string(),
            );
        }
        assert!(undone.take("0").is_none() && undone.take("1").is_some());
    }

    #[test]
    fn history_that_is_too_much_is_given_up_before_the_issues_and_that_is_said() {
        let mut undone = Undone::default();
        let steps = ["k-1", "k-2", "k-3", "k-4", "k-5"].map(|id| gone(id, BYTES / 8, BYTES / 8));
        let said = kept(&mut undone, steps.to_vec(), "a").remark;
        assert_eq!(
            said.as_deref(),
            Some(
                "The events of k-1, k-2, k-3 and 2 more are more than is kept: taken back, it comes without them."
            )
        );
        let steps = undone.take("a").unwrap();
        let lost = steps.iter().map(|step| if let Inverse::Restore(gone) = step { gone.lost } else { 0 });
        assert_eq!(lost.sum::<usize>(), 5);
        let large = kept(&mut undone, vec![gone("k-1", BYTES, 0)], "b");
        assert_eq!((large.token, large.remark.is_some(), undone.weight), (None, true, 0));
    }

    #[test]
    fn what_is_kept_no_more_of_several_is_said() {
        let mut undone = Undone::default();
        for token in ["a", "b", "c"] {
            kept(&mut undone, vec![gone("k-1", BYTES / 3, 0)], token);
        }
        let both = undone.together(["a", "b", "c"].into_iter(), "all".to_owned());
        assert_eq!(both.token.as_deref(), Some("all"));
        assert_eq!(
            both.remark.as_deref(),
            Some("1 of these cannot be taken back: they are more than is kept.")
        );
        assert_eq!(undone.take("all").map(|steps| steps.len()), Some(2));
        assert_eq!(undone.together(["gone"].into_iter(), "x".to_owned()).token, None);
    }
}
