//! The questions of the API: the board, an issue, its events; and the one way to have something done.

use axum::Json;
use axum::extract::rejection::{JsonRejection, PathRejection, QueryRejection};
use axum::extract::{Path, Query, State};
use axum::http::header::{ETAG, IF_NONE_MATCH};
use axum::http::{HeaderMap, HeaderValue, StatusCode};
use axum::response::{IntoResponse, Response};
use hearsay_live::wire::{Command, WireError};
use hearsay_live::{Board, Workspace};
use serde::Deserialize;

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
    workspace.command(command).await?;
    Ok(json(serde_json::Map::new()))
}
