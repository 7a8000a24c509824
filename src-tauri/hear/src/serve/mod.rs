//! `hear serve`: the UI and the API on 127.0.0.1.
//!
//! Not here: who may ask (`gate`), what is answered (`api`, `stream`, `assets`).
//!
//! Invariants:
//! - Only loopback is listened on.
//! - Every route is behind the gate; there is no other way in.

mod answer;
mod api;
mod assets;
mod gate;
mod stream;

use std::io::Write;
use std::net::Ipv4Addr;
use std::sync::Arc;
use std::time::Duration;

use axum::extract::DefaultBodyLimit;
use axum::routing::{get, post};
use axum::{Router, middleware};
use hearsay_live::wire::{ErrorCode, WireError};
use hearsay_live::{Options, Surroundings, TimeZone, Workspace};
use tokio::net::TcpListener;

use crate::args::ServeArgs;
use crate::progress::Progress;
use crate::shutdown;
use gate::Gate;

/// The largest request that is read, in bytes.
const LARGEST_BODY: usize = 8 << 20;
/// How long connections may take to end before they are cut.
const FAREWELL: Duration = Duration::from_secs(2);

pub(crate) async fn run(args: ServeArgs) -> anyhow::Result<()> {
    let mut asked = std::pin::pin!(shutdown::asked()?);
    let token = match args.token {
        Some(token) => gate::checked(token)?,
        None => uuid::Uuid::new_v4().simple().to_string(),
    };
    let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, args.port)).await.map_err(|error| {
        WireError::new(ErrorCode::Io, format!("cannot listen on 127.0.0.1:{}: {error}", args.port))
            .with_hint("choose another port with --port, or any free one with --port 0")
    })?;
    let port = listener.local_addr()?.port();
    let progress = Progress::start();
    let surroundings = Surroundings::of(std::env::vars_os()).beside(std::env::current_exe().ok().as_deref());
    let part = surroundings.participant(args.overlay.keeping());
    let zone = TimeZone::system;
    let options = Options { part, surroundings, zone, keeps_inbox: true, ..Options::default() };
    let workspace = tokio::select! {
        opened = Workspace::open(&args.path, options, |done, total| progress.show(done, total)) => opened?,
        () = &mut asked => return Ok(()),
    };
    let gate = Arc::new(Gate::new(port, token.clone(), args.hosts));
    let router = router(workspace.clone(), gate);
    announce(port, &token)?;
    let closing = workspace.clone();
    let (begin, begun) = tokio::sync::oneshot::channel();
    let serve = axum::serve(listener, router).with_graceful_shutdown(async move {
        // Whoever has begun the end waits for it itself.
        let _ = begun.await;
    });
    let mut serve = std::pin::pin!(serve.into_future());
    tokio::select! {
        served = &mut serve => return Ok(served?),
        () = &mut asked => {}
    }
    let _ = begin.send(());
    closing.close().await;
    // A client that does not read its stream does not keep us.
    let _ = tokio::time::timeout(FAREWELL, serve).await;
    Ok(())
}

fn router(workspace: Workspace, gate: Arc<Gate>) -> Router {
    let api = Router::new()
        .route("/board", get(api::board))
        .route("/board/stream", get(stream::stream))
        .route("/commands", post(api::command))
        .route("/inbox", get(api::inbox))
        .route("/render", post(api::render))
        .route("/rules/try", post(api::try_rules))
        .route("/issues", post(api::create))
        .route("/issues/{key}", get(api::issue).patch(api::set_fields).delete(api::delete))
        .route("/issues/{key}/comments", post(api::comment))
        .route("/issues/{key}/events", get(api::events))
        .fallback(answer::not_found)
        .method_not_allowed_fallback(answer::not_allowed)
        .layer(DefaultBodyLimit::max(LARGEST_BODY))
        .with_state(workspace);
    Router::new()
        .nest("/api", api)
        .fallback(get(assets::asset))
        .method_not_allowed_fallback(answer::not_allowed)
        .layer(middleware::from_fn_with_state(gate, gate::pass))
        .layer(middleware::map_response(answer::with_safe_headers))
}

fn announce(port: u16, token: &str) -> std::io::Result<()> {
    let mut out = std::io::stdout().lock();
    writeln!(out, "listening on http://127.0.0.1:{port}/?token={token}")?;
    out.flush()
}
