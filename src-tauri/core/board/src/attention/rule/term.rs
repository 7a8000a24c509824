//! One condition of a rule, and what it matches.
//!
//! Not here: how it is spelled (`syntax`).

use crate::attention::attribution::Me;
use crate::attention::change::{Change, What};
use crate::key::short_key;

/// A condition: one of the values is wanted in the field; or none of them, where it is turned round.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Term {
    pub(super) negated: bool,
    pub(super) field: Field,
    pub(super) wanted: Vec<Wanted>,
}

/// What a condition looks at.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Field {
    Status,
    Label,
    Assignee,
    Agent,
    By,
    Type,
    Parent,
    Epic,
    Project,
    Priority,
    Kind,
    Text,
}

const NAMED: [(&str, Field); 11] = [
    ("status", Field::Status),
    ("label", Field::Label),
    ("assignee", Field::Assignee),
    ("agent", Field::Agent),
    ("by", Field::By),
    ("type", Field::Type),
    ("parent", Field::Parent),
    ("epic", Field::Epic),
    ("project", Field::Project),
    ("priority", Field::Priority),
    ("kind", Field::Kind),
];

impl Field {
    pub(super) fn named(name: &str) -> Option<Self> {
        NAMED.iter().find(|(known, _)| known.eq_ignore_ascii_case(name)).map(|(_, field)| *field)
    }

    pub(super) fn names() -> impl Iterator<Item = &'static str> {
        NAMED.iter().map(|(name, _)| *name)
    }

    /// What the field holds of `change`.
    fn values(self, change: &Change) -> Vec<String> {
        let subject = &change.subject;
        let one = |text: Option<&str>| text.map(str::to_lowercase).into_iter().collect::<Vec<_>>();
        let ids = |id: &Option<String>| {
            let ids = id.iter().flat_map(|id| [id.to_lowercase(), short_key(id).to_lowercase()]);
            ids.collect()
        };
        match self {
            Self::Status => one(subject.status.as_deref()),
            Self::Label => subject.labels.iter().map(|label| label.to_lowercase()).collect(),
            Self::Assignee => one(subject.assignee.as_deref()),
            Self::Agent => one(change.by.agent()),
            Self::By => one(change.by.who.as_deref()),
            Self::Type => one(subject.issue_type.as_deref()),
            Self::Parent => ids(&subject.parent),
            Self::Epic => ids(&subject.epic),
            Self::Project => one(Some(&subject.project)),
            Self::Priority => one(subject.priority.map(|number| number.to_string()).as_deref()),
            Self::Kind => one(Some(change.what.kind().name())),
            Self::Text => texts(change),
        }
    }
}

fn texts(change: &Change) -> Vec<String> {
    let comment = match &change.what {
        What::Commented { comment } | What::Mentioned { comment: Some(comment) } => comment.text.as_deref(),
        What::AwaitingReply { question, .. } => question.as_deref(),
        _ => None,
    };
    let subject = &change.subject;
    let short = short_key(&subject.id);
    let texts = [Some(subject.title.as_str()), Some(subject.id.as_str()), Some(short.as_str()), comment];
    texts.into_iter().flatten().map(str::to_lowercase).collect()
}

/// A value that is wanted, in lower case.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Wanted {
    /// Just this; in a text, this anywhere.
    Is(String),
    /// Anything that begins so; in a text, this anywhere.
    Begins(String),
    /// This person.
    Me,
    /// An empty field.
    Nothing,
}

impl Wanted {
    pub(super) fn read(text: &str, quoted: bool, field: Field) -> Self {
        let text = text.to_lowercase();
        match text.as_str() {
            _ if quoted => Self::Is(text),
            "me" if matches!(field, Field::Assignee | Field::By) => Self::Me,
            "none" if field != Field::Text => Self::Nothing,
            _ => match text.strip_suffix('*') {
                Some(begin) => Self::Begins(begin.to_owned()),
                None => Self::Is(text),
            },
        }
    }

    fn is_among(&self, field: Field, values: &[String], mine: bool) -> bool {
        match self {
            Self::Is(text) | Self::Begins(text) if field == Field::Text => {
                values.iter().any(|value| value.contains(text))
            }
            Self::Is(text) => values.contains(text),
            Self::Begins(text) => values.iter().any(|value| value.starts_with(text)),
            Self::Me => mine,
            Self::Nothing => values.is_empty(),
        }
    }
}

impl Term {
    pub(super) fn matches(&self, change: &Change, me: &Me) -> bool {
        let values = self.field.values(change);
        let who = match self.field {
            Field::Assignee => change.subject.assignee.as_deref(),
            _ => change.by.who.as_deref(),
        };
        let mine = who.is_some_and(|who| me.is(who));
        self.wanted.iter().any(|wanted| wanted.is_among(self.field, &values, mine)) != self.negated
    }
}

#[cfg(test)]
mod tests {
    use super::super::Rules;
    use crate::attention::attribution::Me;
    use crate::attention::change::Change;
    use crate::attention::tests::{by_agent, commented};

    fn sample() -> Change {
        let mut change = by_agent("kbs-0a1b2c3d-4e5f", "Codex-3", commented("Lost DATA again"));
        let text = |text: &str| Some(text.to_owned());
        change.subject.title = "Parser fails".to_owned();
        change.subject.status = text("In-Review");
        change.subject.labels = vec!["area/ui".to_owned(), "urgent".to_owned()];
        change.subject.assignee = text("ann");
        change.subject.issue_type = text("bug");
        change.subject.parent = text("kbs-11111111-2222");
        change.subject.epic = text("kbs-33333333-4444");
        change.subject.priority = Some(1);
        change
    }

    #[test]
    fn every_field_matches_what_it_says() {
        let (change, me) = (sample(), Me::called(["ann"]));
        let matches = |terms: &str| {
            let rules = Rules::parse(&format!("{terms} -> mute")).unwrap();
            rules.first_for(&change, &me).is_some()
        };
        for terms in [
            "status:in-review",
            "status:open,IN-REVIEW",
            "label:urgent",
            "label:area/*",
            "assignee:me",
            "assignee:ann",
            "agent:codex-*",
            "by:codex-3",
            "type:bug",
            "parent:kbs-111111",
            "parent:kbs-11111111-2222",
            "epic:kbs-333333",
            "project:kbs",
            "priority:0,1",
            "kind:commented",
            "\"lost data\"",
            "parser",
            "kbs-0a1b2c",
            "-parent:none",
            "-status:open -label:later",
            "*",
        ] {
            assert!(matches(terms), "{terms}");
        }
        for terms in [
            "status:review",
            "label:area",
            "assignee:none",
            "assignee:\"me\"",
            "by:me",
            "agent:codex",
            "-type:bug",
            "type:bug kind:moved",
            "status:\"in-*\"",
            "lost,data",
        ] {
            assert!(!matches(terms), "{terms}");
        }
    }
}
