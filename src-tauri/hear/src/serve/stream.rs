//! The feed as server-sent events: one message an event, `event:` its type, `data:` the message, `id:` the tag.
//!
//! With `?mode=delta` the whole feed; without it `hello`, and a bare `board_changed` whenever the board is another.

use std::convert::Infallible;

use axum::extract::rejection::QueryRejection;
use axum::extract::{Query, State};
use axum::response::sse::{Event, KeepAlive, Sse};
use axum::response::{IntoResponse, Response};
use futures_util::stream;
use hearsay_live::{Frame, Subscription, Workspace};
use serde::Deserialize;

use super::answer::Refusal;

#[derive(Debug, Deserialize)]
pub(super) struct Asked {
    mode: Option<Mode>,
}

#[derive(Debug, Clone, Copy, PartialEq, Deserialize)]
#[serde(rename_all = "snake_case")]
enum Mode {
    Delta,
}

pub(super) async fn stream(
    State(workspace): State<Workspace>,
    asked: Result<Query<Asked>, QueryRejection>,
) -> Result<Response, Refusal> {
    let Query(Asked { mode }) = asked?;
    let feed = workspace.subscribe().await?;
    let answer = match mode {
        Some(Mode::Delta) => {
            Sse::new(stream::unfold(feed, |mut feed| async { Some((whole(&feed.next().await?), feed)) }))
                .into_response()
        }
        None => {
            let bare = stream::unfold((feed, 0), |(feed, seen)| async move { next_bare(feed, seen).await });
            // Heartbeats are part of the whole feed; here a comment keeps the connection.
            Sse::new(bare).keep_alive(KeepAlive::default()).into_response()
        }
    };
    Ok(answer)
}

fn whole(frame: &Frame) -> Result<Event, Infallible> {
    let event = Event::default().event(frame.kind).data(&*frame.json);
    Ok(match &frame.tag {
        Some(tag) => event.id(&**tag),
        None => event,
    })
}

/// The next event for a client that only wants to know that something changed. `seen` counts tagged frames: the
/// first is the board as it was on subscribing.
async fn next_bare(
    mut feed: Subscription,
    mut seen: usize,
) -> Option<(Result<Event, Infallible>, (Subscription, usize))> {
    loop {
        let frame = feed.next().await?;
        if frame.kind == "hello" {
            return Some((whole(&frame), (feed, seen)));
        }
        let Some(tag) = frame.tag else { continue };
        seen += 1;
        if seen > 1 {
            let event = Event::default().event("board_changed").data(r#"{"type":"board_changed"}"#).id(&*tag);
            return Some((Ok(event), (feed, seen)));
        }
    }
}
