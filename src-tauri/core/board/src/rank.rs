//! A card's rank: a string whose byte order is the order that the project's sort rules ask for.
//!
//! Columns are therefore not units, and moving one card ships one card.
//!
//! Invariants:
//! - Every rank ends in the id, so no two cards of a project share one.
//! - As in Kanbus's console, what lacks the compared field comes last, whichever the direction.

use std::fmt::Write;

use crate::config::{Direction, Field, Rule};
use crate::issue::Issue;
use crate::moment::Moment;

/// Flipping the sign bit orders signed numbers as unsigned ones.
const SIGN: u64 = 1 << 63;

/// The rank of `issue`, which has the id `id`, by `rules`.
pub fn rank(issue: &Issue, id: &str, rules: &[Rule]) -> String {
    let mut rank = String::with_capacity(rules.len() * 17 + id.len());
    for rule in rules {
        match rule.field {
            Field::Priority => push_number(&mut rank, issue.priority, rule.direction),
            Field::CreatedAt => {
                push_number(&mut rank, nanoseconds(issue.created_at.as_ref()), rule.direction);
            }
            Field::UpdatedAt => {
                push_number(&mut rank, nanoseconds(issue.updated_at.as_ref()), rule.direction);
            }
            Field::Id => {
                push_id(&mut rank, id, rule.direction);
                break;
            }
        }
    }
    rank
}

/// Nanoseconds since the epoch, held to what 64 bits can say (the years 1677 to 2262).
fn nanoseconds(moment: Option<&Moment>) -> Option<i64> {
    let nanoseconds = moment?.instant().as_nanosecond();
    Some(nanoseconds.clamp(i128::from(i64::MIN), i128::from(i64::MAX)) as i64)
}

/// Sixteen hexadecimal digits, or one `~`, which stands behind them all.
fn push_number(rank: &mut String, number: Option<i64>, direction: Direction) {
    let Some(number) = number else { return rank.push('~') };
    let ascending = number as u64 ^ SIGN;
    let ordered = match direction {
        Direction::Asc => ascending,
        Direction::Desc => !ascending,
    };
    // Writing to a string cannot fail.
    let _ = write!(rank, "{ordered:016x}");
}

/// The id itself, or the complement of its bytes; the `~` puts a longer id before its own prefix.
fn push_id(rank: &mut String, id: &str, direction: Direction) {
    match direction {
        Direction::Asc => rank.push_str(id),
        Direction::Desc => {
            for byte in id.bytes() {
                let _ = write!(rank, "{:02x}", !byte);
            }
            rank.push('~');
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;
    use std::cmp::Ordering;

    const FIELDS: [Field; 4] = [Field::Priority, Field::CreatedAt, Field::UpdatedAt, Field::Id];

    fn compare(a: &(Issue, String), b: &(Issue, String), rules: &[Rule]) -> Ordering {
        let missing_last = |a: Option<i64>, b: Option<i64>, direction| match (a, b) {
            (Some(a), Some(b)) if direction == Direction::Desc => b.cmp(&a),
            (Some(a), Some(b)) => a.cmp(&b),
            (a, b) => b.is_some().cmp(&a.is_some()),
        };
        rules.iter().fold(Ordering::Equal, |order, rule| {
            order.then_with(|| match (rule.field, rule.direction) {
                (Field::Priority, direction) => missing_last(a.0.priority, b.0.priority, direction),
                (Field::CreatedAt, direction) => missing_last(
                    nanoseconds(a.0.created_at.as_ref()),
                    nanoseconds(b.0.created_at.as_ref()),
                    direction,
                ),
                (Field::UpdatedAt, direction) => missing_last(
                    nanoseconds(a.0.updated_at.as_ref()),
                    nanoseconds(b.0.updated_at.as_ref()),
                    direction,
                ),
                (Field::Id, Direction::Asc) => a.1.cmp(&b.1),
                (Field::Id, Direction::Desc) => b.1.cmp(&a.1),
            })
        })
    }

    fn issue() -> impl Strategy<Value = (Issue, String)> {
        let time = prop::option::of(-3_000_000_000i64..3_000_000_000);
        (prop::option::of(-2i64..5), time.clone(), time, "[a-c.-]{1,4}").prop_map(
            |(priority, created, updated, id)| {
                let moment = |at: Option<i64>| {
                    at.and_then(|at| Moment::parse(&jiff::Timestamp::from_second(at).unwrap().to_string()))
                };
                (
                    Issue {
                        priority,
                        created_at: moment(created),
                        updated_at: moment(updated),
                        ..Issue::default()
                    },
                    id,
                )
            },
        )
    }

    proptest! {
        #[test]
        fn byte_order_of_ranks_is_the_order_of_the_rules(
            a in issue(), b in issue(),
            rules in prop::collection::vec((0usize..3, any::<bool>()), 0..3),
            by_id in any::<bool>(),
        ) {
            let direction = |ascending| if ascending { Direction::Asc } else { Direction::Desc };
            let mut rules: Vec<Rule> = rules.into_iter()
                .map(|(field, ascending)| Rule { field: FIELDS[field], direction: direction(ascending) })
                .collect();
            rules.push(Rule { field: Field::Id, direction: direction(by_id) });
            prop_assert_eq!(rank(&a.0, &a.1, &rules).cmp(&rank(&b.0, &b.1, &rules)), compare(&a, &b, &rules));
        }
    }
}
