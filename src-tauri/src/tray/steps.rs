//! From the rows that a menu shows to those that it is to show: what differs, and nothing else.
//!
//! Not here: taking the steps (`menu`).
//!
//! Invariant: taking the steps in their order gives exactly the rows that are wanted.

use super::view::{Kind, Row};

/// A step. Places are those at the time of the step.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Step<'a> {
    Remove(usize),
    Insert(usize, &'a Row),
    Say(usize, &'a str),
    Under(usize, Vec<Step<'a>>),
}

/// From `before` to `after`.
pub(super) fn steps<'a>(before: &'a [Row], after: &'a [Row]) -> Vec<Step<'a>> {
    let mut left = before;
    let mut steps = Vec::new();
    for (at, row) in after.iter().enumerate() {
        // What stands before it goes, and comes anew where it is wanted further below.
        let Some(old) = left.iter().position(|old| is_same(old, row)).and_then(|found| {
            steps.extend((0..found).map(|_| Step::Remove(at)));
            let (_, rest) = left.split_at(found);
            let (old, rest) = rest.split_first()?;
            left = rest;
            Some(old)
        }) else {
            steps.push(Step::Insert(at, row));
            continue;
        };
        if old.text != row.text {
            steps.push(Step::Say(at, &row.text));
        }
        if let (Kind::Under(old), Kind::Under(new)) = (&old.kind, &row.kind) {
            let under = self::steps(old, new);
            if !under.is_empty() {
                steps.push(Step::Under(at, under));
            }
        }
    }
    steps.extend(left.iter().map(|_| Step::Remove(after.len())));
    steps
}

/// Whether the row `old` can become the row `new` in its place.
fn is_same(old: &Row, new: &Row) -> bool {
    old.id == new.id && std::mem::discriminant(&old.kind) == std::mem::discriminant(&new.kind)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn take(rows: &mut Vec<Row>, steps: Vec<Step<'_>>) {
        for step in steps {
            match step {
                Step::Remove(at) => drop(rows.remove(at)),
                Step::Insert(at, row) => rows.insert(at, row.clone()),
                Step::Say(at, text) => rows[at].text = text.to_owned(),
                Step::Under(at, steps) => match &mut rows[at].kind {
                    Kind::Under(rows) => take(rows, steps),
                    kind => panic!("{kind:?}"),
                },
            }
        }
    }

    fn row(id: &str, text: &str) -> Row {
        Row { id: id.into(), text: text.into(), kind: Kind::Item }
    }

    #[test]
    fn what_is_the_same_is_left_alone() {
        let before = [row("a", "1"), row("b", "1"), row("c", "1")];
        assert_eq!(steps(&before, &before), []);
        let after = [row("a", "1"), row("b", "2"), row("c", "1")];
        assert_eq!(steps(&before, &after), [Step::Say(1, "2")]);
        assert_eq!(steps(&before, &after[1..]), [Step::Remove(0), Step::Say(0, "2")]);
        assert_eq!(steps(&after[1..2], &after), [Step::Insert(0, &after[0]), Step::Insert(2, &after[2])]);
    }

    fn menu(under: bool) -> BoxedStrategy<Vec<Row>> {
        let rows = proptest::collection::btree_map("[a-f]", ("[12]", any::<bool>()), 0..6);
        let flat = rows.prop_map(|rows| {
            let kind = |is_word| if is_word { Kind::Word } else { Kind::Item };
            rows.into_iter().map(|(id, (text, word))| Row { id, text, kind: kind(word) }).collect::<Vec<_>>()
        });
        let flat = flat.prop_shuffle();
        if !under {
            return flat.boxed();
        }
        (flat, menu(false), any::<proptest::sample::Index>())
            .prop_map(|(mut rows, held, at)| {
                rows.insert(at.index(rows.len() + 1), Row { kind: Kind::Under(held), ..row("more", "more") });
                rows
            })
            .boxed()
    }

    proptest! {
        #[test]
        fn the_steps_give_exactly_what_is_wanted(before in menu(true), after in menu(true)) {
            let mut rows = before.clone();
            take(&mut rows, steps(&before, &after));
            prop_assert_eq!(rows, after);
        }
    }
}
