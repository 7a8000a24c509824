//! Kanbus's steps: how they are spelled.
//!
//! Not here: what they mean for a change (`scene`).
//!
//! Invariants:
//! - A text is at most one step; no two spellings overlap.

use super::context::Operation;

/// A step, whatever keyword stands before it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Step {
    /// Whether the scenario is about this change at all.
    Filter(Filter),
    /// What must hold of it.
    Demand(Demand),
    /// Says something that is no refusal.
    Warn(String),
    /// The same, less urgently.
    Suggest(String),
    /// Says more about what was said last.
    Explain(String),
}

/// A condition under which a scenario counts.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Filter {
    Type(String),
    Label(String),
    Parent,
    /// `None` where the number is none that a priority can have.
    Priority(Option<i32>),
    Status(String),
    Custom(String),
    /// A change of the status, from and to what is given.
    Moving {
        from: Option<String>,
        to: Option<String>,
    },
    During(Operation),
}

/// What a change must satisfy. A count is `None` where the number is too large to be one.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Demand {
    Field(String),
    NoField(String),
    FieldIs(String, String),
    EachChild(String),
    NoChild(String),
    Children(Option<usize>),
    ParentIn(String),
    Labels(Option<usize>),
    Label(String),
    Description,
    Title(String),
    Custom(String),
    CustomIs(String, String),
}

impl Step {
    /// The step that `text` spells, without its keyword and the blanks around it.
    pub(super) fn parse(text: &str) -> Option<Self> {
        let remark =
            |start| between(text, start, "\"").filter(|words| !words.contains('"')).map(str::to_owned);
        filter(text)
            .map(Self::Filter)
            .or_else(|| demand(text).map(Self::Demand))
            .or_else(|| remark("warn \"").map(Self::Warn))
            .or_else(|| remark("suggest \"").map(Self::Suggest))
            .or_else(|| remark("explain \"").map(Self::Explain))
    }
}

fn filter(text: &str) -> Option<Filter> {
    let operation = match text {
        "creating an issue" => Some(Operation::Create),
        "closing an issue" => Some(Operation::Close),
        "updating an issue" => Some(Operation::Update),
        "deleting an issue" => Some(Operation::Delete),
        "viewing an issue" => Some(Operation::View),
        "listing issues" => Some(Operation::List),
        "listing ready issues" => Some(Operation::Ready),
        "the issue has a parent" => return Some(Filter::Parent),
        _ => None,
    };
    let name = |start| quoted(text, start, "\"");
    operation
        .map(Filter::During)
        .or_else(|| name("the issue type is \"").map(Filter::Type))
        .or_else(|| name("the issue has label \"").map(Filter::Label))
        .or_else(|| number(text, "the issue priority is ", "").map(|n| Filter::Priority(n.parse().ok())))
        .or_else(|| name("the issue status is \"").map(Filter::Status))
        .or_else(|| quoted(text, "the custom field \"", "\" is set").map(Filter::Custom))
        .or_else(|| name("transitioning to \"").map(|to| Filter::Moving { from: None, to: Some(to) }))
        .or_else(|| name("transitioning from \"").map(|from| Filter::Moving { from: Some(from), to: None }))
        .or_else(|| {
            let (from, to) = two(text, "transitioning from \"", "\" to \"")?;
            Some(Filter::Moving { from: Some(from), to: Some(to) })
        })
}

fn demand(text: &str) -> Option<Demand> {
    let count = |what: &str| {
        let most = "the issue must have at least ";
        let digits = number(text, most, what).or_else(|| number(text, most, what.strip_suffix('s')?))?;
        Some(digits.parse().ok())
    };
    let name = |start| quoted(text, start, "\"");
    if text == "the description must not be empty" {
        return Some(Demand::Description);
    }
    name("the issue must have field \"")
        .map(Demand::Field)
        .or_else(|| name("the issue must not have field \"").map(Demand::NoField))
        .or_else(|| two(text, "the field \"", "\" must be \"").map(|(f, v)| Demand::FieldIs(f, v)))
        .or_else(|| name("all child issues must have status \"").map(Demand::EachChild))
        .or_else(|| name("no child issues may have status \"").map(Demand::NoChild))
        .or_else(|| count(" child issues").map(Demand::Children))
        .or_else(|| name("the parent issue must have status \"").map(Demand::ParentIn))
        .or_else(|| count(" labels").map(Demand::Labels))
        .or_else(|| name("the issue must have label \"").map(Demand::Label))
        .or_else(|| name("the title must match pattern \"").map(Demand::Title))
        .or_else(|| quoted(text, "the custom field \"", "\" must be set").map(Demand::Custom))
        .or_else(|| two(text, "the custom field \"", "\" must be \"").map(|(f, v)| Demand::CustomIs(f, v)))
}

/// What stands between the two.
fn between<'a>(text: &'a str, start: &str, end: &str) -> Option<&'a str> {
    text.strip_prefix(start)?.strip_suffix(end)
}

/// The same where it is a name: something, without a quotation mark.
fn quoted(text: &str, start: &str, end: &str) -> Option<String> {
    between(text, start, end).filter(|name| is_name(name)).map(str::to_owned)
}

/// The two names in such a text, which ends with a quotation mark.
fn two(text: &str, start: &str, middle: &str) -> Option<(String, String)> {
    let (one, other) = between(text, start, "\"")?.split_once(middle)?;
    (is_name(one) && is_name(other)).then(|| (one.to_owned(), other.to_owned()))
}

fn is_name(text: &str) -> bool {
    !text.is_empty() && !text.contains('"')
}

/// The digits between the two.
fn number<'a>(text: &'a str, start: &str, end: &str) -> Option<&'a str> {
    between(text, start, end).filter(|n| !n.is_empty() && n.bytes().all(|byte| byte.is_ascii_digit()))
}
