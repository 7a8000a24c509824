//! The one place at which two texts differ: what brings back white space and all that stood there.
//!
//! Not here: what the texts mean (`difference`), and whether what comes of it may stand (`undo`).
//!
//! Invariant: it holds no more than what differs.

use std::ops::Range;

/// What has to be put where, so that a text is again what it was.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(super) struct Splice {
    /// The bytes before the place, and those behind it.
    around: (usize, usize),
    before: String,
    after: String,
}

impl Splice {
    /// What makes `before` of `after` again. No text at all is an empty one.
    pub(super) fn between(before: Option<&str>, after: Option<&str>) -> Self {
        let (before, after) = (before.unwrap_or_default(), after.unwrap_or_default());
        let same = |left: &mut dyn Iterator<Item = char>, right: &mut dyn Iterator<Item = char>| {
            left.zip(right)
                .take_while(|(left, right)| left == right)
                .map(|(c, _)| c.len_utf8())
                .sum::<usize>()
        };
        let first = same(&mut before.chars(), &mut after.chars());
        let (old, new) = (&before[first..], &after[first..]);
        let last = same(&mut old.chars().rev(), &mut new.chars().rev());
        let part = |text: &str| text[..text.len() - last].to_owned();
        Self { around: (first, last), before: part(old), after: part(new) }
    }

    /// `now` with what stood there, if what was put there is there still.
    pub(super) fn undo(&self, now: Option<&str>) -> Option<String> {
        let now = now.unwrap_or_default();
        let place = self.place(now)?;
        let held = now.get(place.clone())?;
        (held == self.after).then(|| [&now[..place.start], &self.before, &now[place.end..]].concat())
    }

    fn place(&self, now: &str) -> Option<Range<usize>> {
        let (first, last) = self.around;
        let end = now.len().checked_sub(last)?;
        (first <= end).then_some(first..end)
    }

    /// About how many bytes it takes to keep it.
    pub(super) fn weight(&self) -> usize {
        size_of::<Self>() + self.before.len() + self.after.len()
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::Splice;

    #[test]
    fn what_is_not_there_any_more_is_not_taken_back() {
        let splice = Splice::between(Some("[\"a\", \"ü\"]"), Some("[\"a\"]"));
        assert_eq!(splice.undo(Some("[\"b\"]")).as_deref(), Some("[\"b\", \"ü\"]"));
        let other = Splice::between(Some("[ ]"), Some("[\"a\"]"));
        assert_eq!(other.undo(Some("[\"b\"]")), None);
        assert_eq!(other.undo(Some("")), None);
        assert_eq!(other.undo(Some("日")), None);
    }

    proptest! {
        #[test]
        fn any_text_comes_back(before in "[ab日ü]{0,8}", after in "[ab日ü]{0,8}", other in "[ab日ü]{0,8}") {
            let splice = Splice::between(Some(&before), Some(&after));
            prop_assert_eq!(splice.undo(Some(&after)), Some(before));
            let _ = splice.undo(Some(&other));
        }
    }
}
