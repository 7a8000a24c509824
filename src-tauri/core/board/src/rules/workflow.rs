//! Which status an issue may come to.

use super::refusal::{Code, Refusal};
use crate::config::{Config, Workflow, statuses};
use crate::unit::Semantic;

/// The workflow of `issue_type`.
pub(super) fn of<'a>(config: &'a Config, issue_type: &str) -> Result<&'a Workflow, Refusal> {
    config.workflows.of(issue_type).ok_or_else(|| {
        Refusal::rule("default workflow not defined").hint("Give `workflows.default` in `.kanbus.yml`.")
    })
}

/// Refuses a status that is not configured, or not in the type's workflow. `id` is `None` for a new issue.
pub(super) fn check_value(
    config: &Config,
    issue_type: &str,
    status: &str,
    id: Option<&str>,
) -> Result<(), Refusal> {
    if config.column(status).is_none() {
        let known: Vec<&str> = config.columns.iter().map(|column| column.key.as_str()).collect();
        return Err(
            Refusal::invalid("unknown status").hint(format!("These are known: {}.", known.join(", ")))
        );
    }
    let allowed = statuses(of(config, issue_type)?);
    if allowed.contains(status) {
        return Ok(());
    }
    let allowed: Vec<&str> = allowed.into_iter().collect();
    let list = allowed.join(", ");
    let prefix = id.map(|id| format!("{id}: ")).unwrap_or_default();
    let mut message =
        format!("{prefix}status '{status}' is not allowed for type '{issue_type}' (allowed: {list})");
    let mut ways = Vec::new();
    let other = other_type(config, status, issue_type);
    match id {
        Some(id) => {
            ways.extend(allowed.first().map(|first| format!("kbs update {id} --status {first}")));
            ways.extend(other.map(|other| format!("kbs move {id} {other}")));
        }
        None => ways.extend(other.map(|other| format!("use --type {other}"))),
    }
    if !ways.is_empty() {
        message.push_str(". Remediation: ");
        message.push_str(&ways.join(" OR "));
    }
    Err(Refusal::new(Code::Rule, message).hint("Choose another status, or change the type first."))
}

/// A type that has `status`: a task before any other.
fn other_type<'a>(config: &'a Config, status: &str, issue_type: &str) -> Option<&'a str> {
    let has = |kind: &str| config.workflows.of(kind).is_some_and(|flow| statuses(flow).contains(status));
    let mut others = config.types.iter().map(|kind| kind.key.as_str()).filter(|kind| *kind != issue_type);
    let mut with = others.by_ref().filter(|kind| has(kind));
    let first = with.next()?;
    Some(if first == "task" { first } else { with.find(|kind| *kind == "task").unwrap_or(first) })
}

/// Refuses a move that the workflow does not list.
pub(super) fn check_move(config: &Config, issue_type: &str, from: &str, to: &str) -> Result<(), Refusal> {
    let allowed = of(config, issue_type)?.get(from).map(Vec::as_slice).unwrap_or_default();
    if allowed.iter().any(|status| status == to) {
        return Ok(());
    }
    let hint = match allowed {
        [] => format!("Nothing leads on from '{from}'."),
        allowed => format!("From '{from}' it may go to: {}.", allowed.join(", ")),
    };
    let message = format!("invalid transition from '{from}' to '{to}' for type '{issue_type}'");
    Err(Refusal::rule(message).hint(hint))
}

/// The status of what is taken up: the first that is under way.
pub(super) fn claimed(config: &Config) -> Result<&str, Refusal> {
    let column = config.columns.iter().find(|column| column.semantic == Semantic::InProgress);
    column.map(|column| column.key.as_str()).ok_or_else(|| {
        Refusal::rule("no status configured with semantic_category 'in_progress'")
            .hint("Give one of the `statuses` in `.kanbus.yml` that category.")
    })
}
