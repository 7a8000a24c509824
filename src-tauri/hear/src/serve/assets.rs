//! The UI, built into the program.

use axum::http::header::{CACHE_CONTROL, CONTENT_TYPE};
use axum::http::{HeaderValue, Uri};
use axum::response::{IntoResponse, Response};
use hearsay_live::wire::{ErrorCode, WireError};
use rust_embed::RustEmbed;

use super::answer::Refusal;

#[derive(RustEmbed)]
#[folder = "../../ui/dist"]
#[allow_missing = true]
struct Ui;

/// Names of built files carry a hash of what is in them.
const HASHED: &str = "assets/";

pub(super) async fn asset(uri: Uri) -> Result<Response, Refusal> {
    let path = match uri.path().trim_start_matches('/') {
        "" => "index.html",
        path => path,
    };
    let Some(file) = Ui::get(path) else {
        let error = WireError::new(ErrorCode::NotFound, format!("there is nothing at /{path}"));
        let built = Ui::get("index.html").is_some();
        return Err(if built {
            error
        } else {
            error.with_hint("this build has no UI: run `npm run build` in ui/ first")
        }
        .into());
    };
    let kind =
        HeaderValue::from_str(file.metadata.mimetype()).map_err(|error| WireError::internal(&error))?;
    let cache = if path.starts_with(HASHED) { "public, max-age=31536000, immutable" } else { "no-cache" };
    let headers = [(CONTENT_TYPE, kind), (CACHE_CONTROL, HeaderValue::from_static(cache))];
    Ok((headers, file.data).into_response())
}
