//! A new issue, and one that comes back.

use serde::Serialize;
use serde_json::Value;

use super::agent::Agent;
use super::around::no_duplicate;
use super::events::{EventDraft, of_creation};
use super::fields::FieldSet;
use super::refusal::{Code, Refusal};
use super::{Context, bounds, fences, hierarchy, record, set, spelling, workflow};
use crate::document::Document;
use crate::unit::Source;

/// The most characters of an id.
const LONGEST_ID: usize = 200;

/// What a new issue is to be. What is `None` is as the configuration has it.
#[derive(Debug, Clone, PartialEq)]
pub struct NewIssue {
    /// The title.
    pub title: String,
    /// The description.
    pub description: String,
    /// The type; a task where it is `None`.
    pub issue_type: Option<String>,
    /// The priority.
    pub priority: Option<i64>,
    /// Who holds it.
    pub assignee: Option<String>,
    /// The parent, by id or short form, among the issues in `source`.
    pub parent: Option<String>,
    /// The labels.
    pub labels: Vec<String>,
    /// Where its file goes.
    pub source: Source,
    /// The id; a new one where it is `None`.
    pub id: Option<String>,
}

/// An issue that comes.
#[derive(Debug, Clone, PartialEq)]
pub struct Created {
    /// Its id: the stem of its file's name.
    pub id: String,
    /// Its file.
    pub document: Document,
    /// The event to write beside it; none where the configuration wants none.
    pub event: Option<EventDraft>,
    /// What is to be said of it though nothing is refused.
    pub remarks: Vec<String>,
}

impl Default for NewIssue {
    fn default() -> Self {
        Self {
            title: String::new(),
            description: String::new(),
            issue_type: None,
            priority: None,
            assignee: None,
            parent: None,
            labels: Vec::new(),
            source: Source::Shared,
            id: None,
        }
    }
}

impl NewIssue {
    /// The issue that a JSON object describes: the fields of [`FieldSet::from_json`] but `status` and `custom`, and
    /// `labels`, `source` and `id`.
    ///
    /// # Errors
    /// Where a field is unknown, cannot be given, or is of another type.
    pub fn from_json(fields: &serde_json::Map<String, Value>) -> Result<Self, Refusal> {
        let mut rest = fields.clone();
        let wrong = |name: &str, expected: &str| {
            Refusal::invalid(format!("`{name}` is not {expected}")).hint(format!("Give {expected}."))
        };
        let mut new = Self::default();
        if let Some(labels) = rest.remove("labels") {
            new.labels =
                serde_json::from_value(labels).ok().ok_or_else(|| wrong("labels", "a list of text"))?;
        }
        if let Some(source) = rest.remove("source") {
            new.source = match source.as_str() {
                Some("shared") => Source::Shared,
                Some("local") => Source::Local,
                _ => return Err(wrong("source", "shared or local")),
            };
        }
        if let Some(id) = rest.remove("id") {
            new.id = Some(id.as_str().ok_or_else(|| wrong("id", "text"))?.to_owned());
        }
        let set = FieldSet::from_json(&rest)?;
        if set.status.is_some() || !set.custom.is_empty() {
            return Err(Refusal::invalid("a new issue has neither a status of its own nor custom fields")
                .hint("Create it, then set them."));
        }
        new.title = set.title.unwrap_or_default();
        new.description = set.description.unwrap_or_default();
        (new.issue_type, new.priority) = (set.issue_type, set.priority);
        (new.assignee, new.parent) = (set.assignee.flatten(), set.parent.flatten());
        Ok(new)
    }
}

/// A new issue's file, in Kanbus's order of keys.
#[derive(Serialize)]
struct Whole<'a> {
    id: &'a str,
    title: &'a str,
    description: &'a str,
    r#type: &'a str,
    status: &'a str,
    priority: i64,
    assignee: Option<&'a str>,
    creator: Option<&'a str>,
    parent: Option<&'a str>,
    labels: Vec<&'a str>,
    dependencies: [Value; 0],
    comments: [Value; 0],
    created_at: &'a str,
    updated_at: &'a str,
    closed_at: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    agent: Option<&'a Agent>,
    right_now_summary: Option<&'a str>,
    right_now_updated_at: Option<&'a str>,
    custom: serde_json::Map<String, Value>,
}

/// Makes a new issue. What undoes it is [`delete`](super::delete).
///
/// # Errors
/// Where a rule refuses it.
pub fn create(new: &NewIssue, context: &mut Context<'_>) -> Result<Created, Refusal> {
    let config = context.config;
    let title = bounds::title(&new.title)?;
    let description = bounds::text("the description", &new.description)?.trim();
    fences::check(&new.description)?;
    let labels = labels(&new.labels)?;
    let assignee = new.assignee.as_deref().filter(|name| !name.trim().is_empty());
    let assignee = assignee.or(config.defaults.assignee.as_deref());
    bounds::name("the assignee", assignee.unwrap_or_default())?;

    let issue_type =
        new.issue_type.as_deref().map(str::trim).filter(|kind| !kind.is_empty()).unwrap_or("task");
    let parent = new.parent.as_deref().map(str::trim).filter(|name| !name.is_empty());
    bounds::name("the type", issue_type)?;
    bounds::name("the parent", parent.unwrap_or_default())?;
    // Kanbus looks for the parent before it looks at anything else.
    if let Some(parent) = parent {
        super::around::resolve(context.around, parent, new.source)?;
    }
    hierarchy::check_known(config, issue_type)?;
    let priority = new.priority.unwrap_or(config.defaults.priority);
    set::check_priority(priority, context)?;
    let parent = match parent {
        Some(name) => Some(hierarchy::parent(config, context.around, (name, new.source), issue_type)?),
        None => None,
    };
    no_duplicate(context.around, title, new.source, None)?;
    workflow::check_value(config, issue_type, &config.defaults.status, None)?;
    let id = fresh_id(new.id.as_deref(), context)?;

    let now = spelling::spelled(context.now);
    let whole = Whole {
        id: &id,
        title,
        description,
        r#type: issue_type,
        status: &config.defaults.status,
        priority,
        assignee,
        creator: None,
        parent: parent.as_deref(),
        labels,
        dependencies: [],
        comments: [],
        created_at: &now,
        updated_at: &now,
        closed_at: None,
        agent: context.actor.agent.as_ref(),
        right_now_summary: None,
        right_now_updated_at: None,
        custom: serde_json::Map::new(),
    };
    let text = serde_json::to_string_pretty(&whole).map_err(|error| Refusal::invalid(error.to_string()))?;
    let document = Document::parse(text.into_bytes())?;
    bounds::whole(document.text().len(), 0)?;
    let event = of_creation(&id, &document, context);
    Ok(Created { id, document, event, remarks: Vec::new() })
}

/// Brings back an issue that was deleted, as its bytes were, in the file that was called `id`. Kanbus has no word for that, so the event says that it was
/// created.
///
/// A title that another has by now, a parent that is gone since, or a type that does not fit there any more, is a remark
/// and no refusal: refusing would keep away all that the issue says, which is nowhere else any more.
///
/// # Errors
/// Where its id has been taken since.
pub fn restore(
    document: Document,
    (id, source): (&str, Source),
    context: &mut Context<'_>,
) -> Result<Created, Refusal> {
    if context.around.issue(id, source).is_some() {
        return Err(taken(id));
    }
    let title = record::text(&document, "title").unwrap_or_default();
    let (parent, kind) =
        (record::text(&document, "parent"), record::text(&document, "type").unwrap_or_default());
    let mut against: Vec<Refusal> =
        no_duplicate(context.around, &title, source, Some(id)).err().into_iter().collect();
    against.extend(hierarchy::below(context, id, &kind));
    against.extend(hierarchy::above(context, id, (parent.as_deref(), &kind)));
    let remark = |refusal: Refusal| match refusal.hint {
        Some(hint) if refusal.code == Code::NotFound => format!("{id} is back. {hint}"),
        _ => format!("{id} is back, though Kanbus would refuse it: {}.", refusal.message),
    };
    let remarks = against.into_iter().map(remark).collect();
    let event = of_creation(id, &document, context);
    Ok(Created { id: id.to_owned(), document, event, remarks })
}

fn labels(given: &[String]) -> Result<Vec<&str>, Refusal> {
    bounds::many("labels", given.len())?;
    let mut labels: Vec<&str> = Vec::with_capacity(given.len());
    for label in given {
        let Some(label) = bounds::label(label)? else { continue };
        if !labels.iter().any(|held| held.eq_ignore_ascii_case(label)) {
            labels.push(label);
        }
    }
    Ok(labels)
}

fn fresh_id(requested: Option<&str>, context: &mut Context<'_>) -> Result<String, Refusal> {
    if let Some(id) = requested {
        check_id(id)?;
        check_free(id, context)?;
        return Ok(id.to_owned());
    }
    // So often does Kanbus try.
    for _ in 0..10 {
        let id = format!("{}-{}", context.config.project_key, (context.fresh)());
        check_id(&id)?;
        if !is_taken(&id, context) {
            return Ok(id);
        }
    }
    Err(Refusal::new(Code::Rule, "unable to generate unique id after 10 attempts").hint("Try again."))
}

fn is_taken(id: &str, context: &Context<'_>) -> bool {
    [Source::Shared, Source::Local].iter().any(|source| context.around.issue(id, *source).is_some())
}

fn check_free(id: &str, context: &Context<'_>) -> Result<(), Refusal> {
    if is_taken(id, context) { Err(taken(id)) } else { Ok(()) }
}

fn taken(id: &str) -> Refusal {
    Refusal::rule(format!("requested id '{id}' already exists")).hint("Choose another.")
}

/// An id is the name of a file.
fn check_id(id: &str) -> Result<(), Refusal> {
    let is_plain = |c: char| c.is_ascii_alphanumeric() || matches!(c, '.' | '_' | '-');
    let is_good = !id.is_empty()
        && id.len() <= LONGEST_ID
        && !id.starts_with('.')
        && !id.contains("..")
        && id.chars().all(is_plain);
    if is_good {
        return Ok(());
    }
    Err(Refusal::invalid(format!("'{}' cannot be an id", id.escape_debug())).hint(
        "Letters, digits, dots, hyphens and underscores, at most 200. New ids begin with the `project_key`.",
    ))
}
