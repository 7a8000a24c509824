//! `sort_order`: the rules by which each column is sorted.
//!
//! As Kanbus's console 0.41: a finished column sorts by recent update whatever is configured; else a rule of the
//! status beats a rule of its category; else oldest first. Not here: what a rule makes of an issue (`rank`).

use std::collections::HashMap;

use serde_json::{Map, Value};

/// What a rule compares.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Field {
    /// The priority number.
    Priority,
    /// The creation time.
    CreatedAt,
    /// The time of the last change.
    UpdatedAt,
    /// The id.
    Id,
}

/// Which end comes first.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Direction {
    /// The least first.
    Asc,
    /// The greatest first.
    Desc,
}

/// One comparison; later rules break the ties of earlier ones.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Rule {
    /// What is compared.
    pub field: Field,
    /// Which end comes first.
    pub direction: Direction,
}

const fn rule(field: Field, direction: Direction) -> Rule {
    Rule { field, direction }
}

const BY_ID: Rule = rule(Field::Id, Direction::Asc);
const FIFO: [Rule; 2] = [rule(Field::CreatedAt, Direction::Asc), BY_ID];
const PRIORITY_FIRST: [Rule; 3] =
    [rule(Field::Priority, Direction::Asc), rule(Field::CreatedAt, Direction::Asc), BY_ID];
const RECENTLY_UPDATED: [Rule; 2] = [rule(Field::UpdatedAt, Direction::Desc), BY_ID];

/// Names of finished statuses and categories, to which no rule applies.
const FINISHED: [&str; 5] = ["done", "closed", "complete", "completed", "resolved"];

/// The configured rules, by status and by category.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct SortOrder {
    statuses: HashMap<String, Vec<Rule>>,
    categories: HashMap<String, Vec<Rule>>,
}

impl SortOrder {
    /// Reads `sort_order`, and says which of its rules cannot be used.
    pub(super) fn from_entries(entries: &Map<String, Value>) -> (Self, Vec<String>) {
        let (mut order, mut faults) = (Self::default(), Vec::new());
        let mut read =
            |into: &mut HashMap<String, Vec<Rule>>, name: &str, value: &Value, path: &str| match rules(value)
            {
                Some(rules) => {
                    into.insert(name.to_owned(), rules);
                }
                None => faults
                    .push(format!("`{path}.{name}` is neither a preset nor a list of field and direction")),
            };
        for (name, value) in entries {
            match value {
                Value::Object(categories) if name == "categories" => {
                    for (category, value) in categories {
                        read(&mut order.categories, category, value, "sort_order.categories");
                    }
                }
                _ => read(&mut order.statuses, name, value, "sort_order"),
            }
        }
        (order, faults)
    }

    /// The rules for the column of `status`, which may stand in `category`.
    pub fn rules(&self, status: &str, category: Option<&str>) -> &[Rule] {
        let finished = |name: &str| FINISHED.iter().any(|known| known.eq_ignore_ascii_case(name.trim()));
        if category.is_some_and(finished) || finished(status) {
            return &RECENTLY_UPDATED;
        }
        let of_category = || category.and_then(|category| self.categories.get(category));
        self.statuses.get(status).or_else(of_category).map_or(&FIFO, Vec::as_slice)
    }
}

fn rules(value: &Value) -> Option<Vec<Rule>> {
    match value {
        Value::String(preset) => match preset.as_str() {
            "fifo" => Some(FIFO.to_vec()),
            "priority-first" => Some(PRIORITY_FIRST.to_vec()),
            "recently-updated" => Some(RECENTLY_UPDATED.to_vec()),
            _ => None,
        },
        Value::Array(items) if !items.is_empty() => {
            let mut rules = items.iter().map(one_rule).collect::<Option<Vec<_>>>()?;
            if !rules.iter().any(|rule| rule.field == Field::Id) {
                rules.push(BY_ID);
            }
            Some(rules)
        }
        _ => None,
    }
}

fn one_rule(value: &Value) -> Option<Rule> {
    let field = match value.get("field")?.as_str()? {
        "priority" => Field::Priority,
        "created_at" => Field::CreatedAt,
        "updated_at" => Field::UpdatedAt,
        "id" => Field::Id,
        _ => return None,
    };
    let direction = match value.get("direction")?.as_str()? {
        "asc" => Direction::Asc,
        "desc" => Direction::Desc,
        _ => return None,
    };
    Some(rule(field, direction))
}
