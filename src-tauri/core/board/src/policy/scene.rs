//! What a step means for a change.
//!
//! Not here: what follows from it for the scenario (`judge`).
//!
//! Invariants:
//! - What a step needs of the issues around, and whether a pattern matches the title, is found out once a change.

use std::cell::{OnceCell, RefCell};
use std::collections::HashMap;

use regex::Regex;
use serde_json::Value;

use super::context::{Child, Context, Operation, text};
use super::step::{Demand, Filter, Step};

/// What a step comes to.
#[derive(Debug)]
pub(super) enum Outcome<'a> {
    /// It holds.
    Holds,
    /// It does not: the scenario is about something else.
    Elsewhere,
    /// It does not, and must. In words.
    Fails(String),
    /// It says something.
    Warns(&'a str),
    /// It says something, less urgently.
    Suggests(&'a str),
    /// It says more about what was said last.
    Explains(&'a str),
}

/// A change, as the steps of all scenarios see it.
pub(super) struct Scene<'a> {
    context: &'a Context<'a>,
    transition: Option<(&'a str, &'a str)>,
    children: OnceCell<Vec<Child<'a>>>,
    titles: RefCell<HashMap<String, Result<(), String>>>,
}

impl<'a> Scene<'a> {
    /// The change itself, with its move from one status to another.
    pub(super) fn of_change(context: &'a Context<'a>) -> Self {
        Self { transition: context.transition(), ..Self::after(context) }
    }

    /// The issue as it is once the change is done: nothing moves any more.
    pub(super) fn after(context: &'a Context<'a>) -> Self {
        Self { context, transition: None, children: OnceCell::new(), titles: RefCell::default() }
    }

    /// What `step` comes to.
    pub(super) fn outcome<'s>(&self, step: &'s Step) -> Outcome<'s> {
        match step {
            Step::Filter(filter) => match self.concerns(filter) {
                Some(true) => Outcome::Holds,
                Some(false) => Outcome::Elsewhere,
                None => Outcome::Fails("invalid priority".to_owned()),
            },
            Step::Demand(demand) => self.satisfies(demand).map_or_else(Outcome::Fails, |()| Outcome::Holds),
            Step::Warn(words) => Outcome::Warns(words),
            Step::Suggest(words) => Outcome::Suggests(words),
            Step::Explain(words) => Outcome::Explains(words),
        }
    }

    /// Whether the change is one that `filter` is about; `None` where it cannot be about any.
    fn concerns(&self, filter: &Filter) -> Option<bool> {
        let is = |key, value: &str| self.field(key) == Some(value);
        Some(match filter {
            Filter::Type(wanted) => is("type", wanted),
            Filter::Label(wanted) => self.has_label(wanted),
            Filter::Parent => self.field("parent").is_some(),
            Filter::Priority(wanted) => {
                let wanted = i64::from((*wanted)?);
                self.context.after.get("priority").and_then(Value::as_i64) == Some(wanted)
            }
            Filter::Status(wanted) => is("status", wanted),
            Filter::Custom(field) => self.custom(field).is_some(),
            Filter::Moving { from, to } => self.transition.is_some_and(|(was, is)| {
                from.as_deref().is_none_or(|from| from == was) && to.as_deref().is_none_or(|to| to == is)
            }),
            Filter::During(operation) => self.is_during(*operation),
        })
    }

    fn is_during(&self, operation: Operation) -> bool {
        let own = self.context.operation;
        // Kanbus closes an issue by an update; the literal status counts, as for `closed_at`.
        let closes = || own == Operation::Update && self.transition.is_some_and(|(_, to)| to == "closed");
        own == operation || operation == Operation::Close && closes()
    }

    fn satisfies(&self, demand: &Demand) -> Result<(), String> {
        match demand {
            Demand::Field(field) => {
                let is_set =
                    self.is_set(field, &["assignee", "parent", "description", "title", "creator"])?;
                holds(is_set, || format!("issue does not have field \"{field}\" set"))
            }
            Demand::NoField(field) => {
                let is_set = self.is_set(field, &["assignee", "parent", "creator"])?;
                holds(!is_set, || format!("issue has field \"{field}\" set but should not"))
            }
            Demand::FieldIs(field, wanted) => self.field_is(field, wanted),
            Demand::EachChild(status) => self.no_child(
                |child| child.status != status,
                |ids| format!("child issues {ids} do not have status \"{status}\""),
            ),
            Demand::NoChild(status) => self.no_child(
                |child| child.status == status,
                |ids| format!("child issues {ids} have status \"{status}\" but should not"),
            ),
            Demand::Children(least) => at_least(*least, self.children().len(), "child", "child issue"),
            Demand::ParentIn(status) => self.parent_in(status),
            Demand::Labels(least) => at_least(*least, self.labels().len(), "label", "label"),
            Demand::Label(label) => {
                holds(self.has_label(label), || format!("issue does not have label \"{label}\""))
            }
            Demand::Description => {
                holds(self.says_something("description"), || "issue description is empty".to_owned())
            }
            Demand::Title(pattern) => self.title_matches(pattern),
            Demand::Custom(field) => holds(self.custom(field).is_some(), || no_custom(field)),
            Demand::CustomIs(field, wanted) => self.custom_is(field, wanted),
        }
    }

    fn field(&self, key: &str) -> Option<&'a str> {
        text(self.context.after, key)
    }

    fn says_something(&self, key: &str) -> bool {
        self.field(key).is_some_and(|words| !words.trim().is_empty())
    }

    /// Whether `field` is set, where it is one of those that may be asked for.
    fn is_set(&self, field: &str, known: &[&str]) -> Result<bool, String> {
        if !known.contains(&field) {
            return Err(format!("unknown field: {field}"));
        }
        let is_text = matches!(field, "description" | "title");
        Ok(if is_text { self.says_something(field) } else { self.field(field).is_some() })
    }

    fn field_is(&self, field: &str, wanted: &str) -> Result<(), String> {
        let key = match field {
            "issue_type" => "type",
            "status" | "type" | "assignee" | "parent" | "creator" => field,
            _ => return Err(format!("unknown field: {field}")),
        };
        match self.field(key) {
            Some(value) if value == wanted => Ok(()),
            Some(value) => Err(format!("field \"{field}\" is \"{value}\" but must be \"{wanted}\"")),
            None => Err(format!("field \"{field}\" is not set")),
        }
    }

    fn labels(&self) -> &'a [Value] {
        self.context.after.get("labels").and_then(Value::as_array).map_or(&[], Vec::as_slice)
    }

    fn has_label(&self, wanted: &str) -> bool {
        self.labels().iter().any(|label| label.as_str() == Some(wanted))
    }

    fn custom(&self, field: &str) -> Option<&'a Value> {
        self.context.after.get("custom")?.as_object()?.get(field)
    }

    fn custom_is(&self, field: &str, wanted: &str) -> Result<(), String> {
        let value = match self.custom(field) {
            None => return Err(no_custom(field)),
            Some(Value::String(text)) => text.clone(),
            Some(value) => value.to_string(),
        };
        holds(value == wanted, || format!("custom field \"{field}\" is \"{value}\" but must be \"{wanted}\""))
    }

    /// The children in the order of their ids.
    fn children(&self) -> &[Child<'a>] {
        self.children.get_or_init(|| {
            let mut children = self.field("id").map_or_else(Vec::new, |id| self.context.kin.children(id));
            children.sort_by_key(|child| child.id);
            children
        })
    }

    fn no_child(
        &self,
        is_wrong: impl Fn(&Child<'_>) -> bool,
        say: impl Fn(String) -> String,
    ) -> Result<(), String> {
        let wrong: Vec<&str> =
            self.children().iter().filter(|child| is_wrong(child)).map(|child| child.id).collect();
        holds(wrong.is_empty(), || say(wrong.join(", ")))
    }

    fn parent_in(&self, wanted: &str) -> Result<(), String> {
        let parent = self.field("parent").and_then(|id| Some((id, self.context.kin.status(id)?)));
        let Some((id, status)) = parent else { return Err("issue has no parent".to_owned()) };
        holds(status == wanted, || {
            format!("parent issue {id} has status \"{status}\" but must have status \"{wanted}\"")
        })
    }

    /// Whether `pattern` is found in the title. Large patterns take long to compile, so each is tried once.
    fn title_matches(&self, pattern: &str) -> Result<(), String> {
        if let Some(known) = self.titles.borrow().get(pattern) {
            return known.clone();
        }
        let title = self.field("title").unwrap_or_default();
        let found = Regex::new(pattern).map_err(|error| format!("invalid regex pattern: {error}")).and_then(
            |regex| {
                holds(regex.is_match(title), || {
                    format!("title \"{title}\" does not match pattern \"{pattern}\"")
                })
            },
        );
        self.titles.borrow_mut().insert(pattern.to_owned(), found.clone());
        found
    }
}

fn holds(is_so: bool, otherwise: impl FnOnce() -> String) -> Result<(), String> {
    if is_so { Ok(()) } else { Err(otherwise()) }
}

fn at_least(least: Option<usize>, count: usize, kind: &str, what: &str) -> Result<(), String> {
    let Some(least) = least else { return Err(format!("invalid {kind} count")) };
    holds(count >= least, || format!("issue has {count} {what}(s) but must have at least {least}"))
}

fn no_custom(field: &str) -> String {
    format!("custom field \"{field}\" is not set")
}
