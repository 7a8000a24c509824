//! How an answer looks: JSON, an error as `{code, message, hint?}`, headers that keep a page to itself.

use axum::Json;
use axum::extract::OriginalUri;
use axum::extract::rejection::{JsonRejection, PathRejection, QueryRejection};
use axum::http::header::{
    CACHE_CONTROL, CONTENT_SECURITY_POLICY, CONTENT_TYPE, REFERRER_POLICY, X_CONTENT_TYPE_OPTIONS,
    X_FRAME_OPTIONS,
};
use axum::http::{HeaderValue, StatusCode};
use axum::response::{IntoResponse, Response};
use hearsay_live::wire::{ErrorCode, WireError};
use serde::Serialize;

/// What our own page may do: run our own scripts, and ask us.
const POLICY: &str = "default-src 'none'; script-src 'self'; style-src 'self' 'unsafe-inline'; img-src 'self' data:; \
    font-src 'self'; connect-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'";

/// A failure as an answer.
#[derive(Debug)]
pub(super) struct Refusal(WireError);

impl From<WireError> for Refusal {
    fn from(error: WireError) -> Self {
        Self(error)
    }
}

/// What to do about a request that is not understood.
const HINT: &str = "The README lists what can be asked, and how.";

impl From<QueryRejection> for Refusal {
    fn from(rejection: QueryRejection) -> Self {
        Self(WireError::new(ErrorCode::Invalid, rejection.body_text()).with_hint(HINT))
    }
}

impl From<JsonRejection> for Refusal {
    fn from(rejection: JsonRejection) -> Self {
        let (code, hint) = match rejection.status() {
            StatusCode::PAYLOAD_TOO_LARGE => (ErrorCode::TooLarge, "Say it in less."),
            _ => (ErrorCode::Invalid, HINT),
        };
        Self(WireError::new(code, rejection.body_text()).with_hint(hint))
    }
}

impl From<PathRejection> for Refusal {
    fn from(rejection: PathRejection) -> Self {
        Self(WireError::new(ErrorCode::Invalid, rejection.body_text()).with_hint(HINT))
    }
}

impl IntoResponse for Refusal {
    fn into_response(self) -> Response {
        with_status(status(self.0.code), &self.0)
    }
}

fn status(code: ErrorCode) -> StatusCode {
    match code {
        ErrorCode::NotFound => StatusCode::NOT_FOUND,
        ErrorCode::Invalid => StatusCode::BAD_REQUEST,
        ErrorCode::Rule | ErrorCode::Policy => StatusCode::UNPROCESSABLE_ENTITY,
        ErrorCode::Conflict => StatusCode::CONFLICT,
        ErrorCode::Untrusted => StatusCode::FORBIDDEN,
        ErrorCode::Unauthorized => StatusCode::UNAUTHORIZED,
        ErrorCode::TooLarge => StatusCode::PAYLOAD_TOO_LARGE,
        ErrorCode::GitBusy | ErrorCode::Locked | ErrorCode::Unavailable => StatusCode::SERVICE_UNAVAILABLE,
        ErrorCode::Unreadable | ErrorCode::Io | ErrorCode::Internal => StatusCode::INTERNAL_SERVER_ERROR,
    }
}

pub(super) fn with_status(status: StatusCode, error: &WireError) -> Response {
    (status, Json(error)).into_response()
}

/// A value as JSON.
pub(super) fn json<T: Serialize>(value: T) -> Response {
    Json(value).into_response()
}

/// A line of JSON that is written already.
pub(super) fn raw_json(text: String) -> Response {
    ([(CONTENT_TYPE, HeaderValue::from_static("application/json"))], text).into_response()
}

pub(super) async fn not_found(OriginalUri(uri): OriginalUri) -> Refusal {
    WireError::new(ErrorCode::NotFound, format!("there is nothing at {}", uri.path())).into()
}

pub(super) async fn not_allowed(OriginalUri(uri): OriginalUri) -> Response {
    let error = WireError::new(ErrorCode::Invalid, format!("{} cannot be asked that way", uri.path()));
    with_status(StatusCode::METHOD_NOT_ALLOWED, &error)
}

/// Adds to every answer what keeps it from being framed, sniffed, stored or told to others.
pub(super) async fn with_safe_headers(mut answer: Response) -> Response {
    let headers = answer.headers_mut();
    headers.insert(CONTENT_SECURITY_POLICY, HeaderValue::from_static(POLICY));
    headers.insert(X_CONTENT_TYPE_OPTIONS, HeaderValue::from_static("nosniff"));
    headers.insert(X_FRAME_OPTIONS, HeaderValue::from_static("DENY"));
    headers.insert(REFERRER_POLICY, HeaderValue::from_static("no-referrer"));
    headers.entry(CACHE_CONTROL).or_insert(HeaderValue::from_static("no-cache"));
    answer
}
