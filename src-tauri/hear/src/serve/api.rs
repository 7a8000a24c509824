//! The questions of the API: the board, an issue, its events, the inbox, what a text will look like, what rules would do;
//! and the one way to have something done.

use axum::Json;
use axum::extract::rejection::{JsonRejection, PathRejection, QueryRejection};
use axum::extract::{Path, Query, State};
use axum::http::header::{ETAG, IF_NONE_MATCH};
use axum::http::{HeaderMap, HeaderValue, StatusCode};
use axum::response::{IntoResponse, Response};
use hearsay_live::wire::{Command, LabelChange, WireError};
use hearsay_live::{Board, Workspace};
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};

use super::answer::{Refusal, json, raw_json};

pub(super) async fn board(
    State(workspace): State<Workspace>,
    headers: HeaderMap,
) -> Result<Response, Refusal> {
    let known = headers.get_all(IF_NONE_MATCH).iter().filter_map(|value| value.to_str().ok());
    let known: Vec<String> = known.flat_map(|line| line.split(',')).map(plain_tag).collect();
    let Board { tag, json } = workspace.board(known).await?;
    let mut answer = json.map_or_else(|| StatusCode::NOT_MODIFIED.into_response(), raw_json);
    let etag = HeaderValue::from_str(&format!("\"{tag}\"")).map_err(|error| WireError::internal(&error))?;
    answer.headers_mut().insert(ETAG, etag);
    Ok(answer)
}

fn plain_tag(tag: &str) -> String {
    tag.trim().trim_start_matches("W/").trim_matches('"').to_owned()
}

pub(super) async fn issue(
    State(workspace): State<Workspace>,
    key: Result<Path<String>, PathRejection>,
) -> Result<Response, Refusal> {
    Ok(json(workspace.issue(&key?).await?))
}

#[derive(Debug, Deserialize)]
pub(super) struct Before {
    before: Option<String>,
}

pub(super) async fn events(
    State(workspace): State<Workspace>,
    key: Result<Path<String>, PathRejection>,
    before: Result<Query<Before>, QueryRejection>,
) -> Result<Response, Refusal> {
    let Query(Before { before }) = before?;
    Ok(json(workspace.events(&key?, before).await?))
}

pub(super) async fn command(
    State(workspace): State<Workspace>,
    command: Result<Json<Command>, JsonRejection>,
) -> Result<Response, Refusal> {
    let Json(command) = command?;
    Ok(json(workspace.command(command).await?))
}

pub(super) async fn inbox(State(workspace): State<Workspace>) -> Result<Response, Refusal> {
    Ok(json(workspace.inbox().await?))
}

/// Rules that the person thinks of.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Trying {
    rules: String,
}

pub(super) async fn try_rules(
    State(workspace): State<Workspace>,
    body: Result<Json<Trying>, JsonRejection>,
) -> Result<Response, Refusal> {
    let Json(Trying { rules }) = body?;
    Ok(json(workspace.try_rules(rules).await?))
}

/// The short form of `create`: the fields of the issue, and beside them what the command takes.
#[derive(Debug, Deserialize)]
pub(super) struct Creating {
    #[serde(default)]
    project: Option<String>,
    #[serde(default)]
    anyway: bool,
    #[serde(flatten)]
    issue: Map<String, Value>,
}

pub(super) async fn create(
    State(workspace): State<Workspace>,
    body: Result<Json<Creating>, JsonRejection>,
) -> Result<Response, Refusal> {
    let Json(Creating { project, anyway, issue }) = body?;
    Ok(json(workspace.command(Command::Create { issue, project, anyway }).await?))
}

/// The short form of `set_fields`.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Setting {
    #[serde(default)]
    base: Option<String>,
    #[serde(default)]
    set: Map<String, Value>,
    #[serde(default)]
    was: Map<String, Value>,
    #[serde(default)]
    labels: LabelChange,
    #[serde(default)]
    anyway: bool,
}

pub(super) async fn set_fields(
    State(workspace): State<Workspace>,
    key: Result<Path<String>, PathRejection>,
    body: Result<Json<Setting>, JsonRejection>,
) -> Result<Response, Refusal> {
    let (Path(id), Json(Setting { base, set, was, labels, anyway })) = (key?, body?);
    Ok(json(workspace.command(Command::SetFields { id, set, was, base, labels, anyway }).await?))
}

/// How an issue is deleted.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Deleting {
    #[serde(default)]
    descendants: bool,
    #[serde(default)]
    anyway: bool,
}

pub(super) async fn delete(
    State(workspace): State<Workspace>,
    key: Result<Path<String>, PathRejection>,
    how: Result<Query<Deleting>, QueryRejection>,
) -> Result<Response, Refusal> {
    let (Path(id), Query(Deleting { descendants, anyway })) = (key?, how?);
    Ok(json(workspace.command(Command::Delete { id, descendants, anyway }).await?))
}

/// What somebody says about an issue.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Commenting {
    text: String,
    #[serde(default)]
    anyway: bool,
}

pub(super) async fn comment(
    State(workspace): State<Workspace>,
    key: Result<Path<String>, PathRejection>,
    body: Result<Json<Commenting>, JsonRejection>,
) -> Result<Response, Refusal> {
    let (Path(id), Json(Commenting { text, anyway })) = (key?, body?);
    Ok(json(workspace.command(Command::Comment { id, text, anyway }).await?))
}

/// Markdown that somebody writes.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Writing {
    text: String,
}

/// What it will look like.
#[derive(Debug, Serialize)]
struct Rendered {
    html: String,
}

pub(super) async fn render(body: Result<Json<Writing>, JsonRejection>) -> Result<Response, Refusal> {
    let Json(Writing { text }) = body?;
    let html = tokio::task::spawn_blocking(move || hearsay_live::render(&text)).await;
    Ok(json(Rendered { html: html.map_err(|error| WireError::internal(&error))? }))
}
