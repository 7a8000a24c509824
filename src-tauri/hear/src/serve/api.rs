//! The questions of the API: the board, an issue, its events.

use axum::extract::{Path, Query, State};
use axum::http::header::{ETAG, IF_NONE_MATCH};
use axum::http::{HeaderMap, HeaderValue, StatusCode};
use axum::response::{IntoResponse, Response};
use hearsay_live::Workspace;
use hearsay_live::wire::WireError;
use serde::Deserialize;

use super::answer::{Refusal, json, raw_json};

pub(super) async fn board(
    State(workspace): State<Workspace>,
    headers: HeaderMap,
) -> Result<Response, Refusal> {
    let board = workspace.board().await?;
    let etag = format!("\"{}\"", board.tag.as_deref().unwrap_or_default());
    let known = headers.get_all(IF_NONE_MATCH).iter().filter_map(|value| value.to_str().ok());
    let mut known = known.flat_map(|line| line.split(',')).map(|tag| tag.trim().trim_start_matches("W/"));
    let mut answer = if known.any(|tag| tag == etag || tag == "*") {
        StatusCode::NOT_MODIFIED.into_response()
    } else {
        raw_json(&board.json)
    };
    let etag = HeaderValue::from_str(&etag).map_err(|error| WireError::internal(&error))?;
    answer.headers_mut().insert(ETAG, etag);
    Ok(answer)
}

pub(super) async fn issue(
    State(workspace): State<Workspace>,
    Path(key): Path<String>,
) -> Result<Response, Refusal> {
    Ok(json(workspace.issue(&key).await?))
}

#[derive(Debug, Deserialize)]
pub(super) struct Before {
    before: Option<String>,
}

pub(super) async fn events(
    State(workspace): State<Workspace>,
    Path(key): Path<String>,
    Query(Before { before }): Query<Before>,
) -> Result<Response, Refusal> {
    Ok(json(workspace.events(&key, before).await?))
}
