//! Who may ask: whoever knows the token, by a name of this machine, from a page of ours.
//!
//! `GET /?token=T` trades the token for a cookie; everything else needs that cookie or `Authorization: Bearer T`.
//!
//! Invariants:
//! - `Host` must be loopback or named with `--host`, so that a stranger's domain that resolves to 127.0.0.1 gets
//!   nothing. An `Origin`, if sent, must equal it.
//! - Tokens are compared in constant time.

use std::sync::Arc;

use axum::extract::{Request, State};
use axum::http::header::{AUTHORIZATION, COOKIE, HOST, LOCATION, ORIGIN, SET_COOKIE};
use axum::http::{HeaderMap, HeaderName, HeaderValue, Method, StatusCode, Uri};
use axum::middleware::Next;
use axum::response::{IntoResponse, Response};
use hearsay_live::wire::{ErrorCode, WireError};
use subtle::ConstantTimeEq;

use super::answer;

/// What a request must bring.
#[derive(Debug)]
pub(super) struct Gate {
    token: String,
    /// Cookies do not know ports; the name does.
    cookie_name: String,
    /// Made from the token, and not the token itself: the browser shows it to every other server on this machine.
    cookie: String,
    hosts: Vec<String>,
}

/// A token that a person chose, if it can stand in an address and a header as it is.
pub(super) fn checked(token: String) -> Result<String, WireError> {
    let plain = |byte: u8| byte.is_ascii_alphanumeric() || b"._~-".contains(&byte);
    if token.is_empty() || !token.bytes().all(plain) {
        return Err(WireError::new(ErrorCode::Invalid, "that token cannot stand in an address")
            .with_hint("use letters, digits and . _ ~ - only; without --token a random one is made"));
    }
    Ok(token)
}

impl Gate {
    pub(super) fn new(port: u16, token: String, named: Vec<String>) -> Self {
        let hosts = ["127.0.0.1", "localhost", "[::1]"].map(str::to_owned).into_iter().chain(named).collect();
        // The same token makes the same cookie, so that a page outlives a restart of its server.
        let cookie =
            blake3::Hasher::new_derive_key("hearsay serve cookie").update(token.as_bytes()).finalize();
        Self { token, cookie_name: format!("hearsay_{port}"), cookie: cookie.to_hex().to_string(), hosts }
    }

    fn is_token(&self, given: &str) -> bool {
        self.token.as_bytes().ct_eq(given.as_bytes()).into()
    }

    fn is_cookie(&self, given: &str) -> bool {
        self.cookie.as_bytes().ct_eq(given.as_bytes()).into()
    }

    /// The refusal, if the request comes by a name that is not ours or from a page that is not ours.
    fn refusal(&self, headers: &HeaderMap) -> Option<&'static str> {
        let Some(host) = text(headers, HOST) else { return Some("the request names no host") };
        if headers.get_all(HOST).iter().count() > 1 {
            return Some("the request names several hosts");
        }
        if !self.hosts.iter().any(|known| known.eq_ignore_ascii_case(hostname(host))) {
            return Some("this machine is not served under that name");
        }
        match headers.get(ORIGIN) {
            Some(origin) if origin.as_bytes() != format!("http://{host}").as_bytes() => {
                Some("the request comes from another page")
            }
            _ => None,
        }
    }

    fn knows(&self, headers: &HeaderMap) -> bool {
        let bearer = text(headers, AUTHORIZATION).and_then(|value| value.strip_prefix("Bearer "));
        let cookies = headers.get_all(COOKIE).iter().filter_map(|value| value.to_str().ok());
        let mut values =
            cookies.flat_map(|line| line.split(';')).filter_map(|pair| pair.trim().split_once('='));
        bearer.is_some_and(|token| self.is_token(token))
            || values.any(|(name, value)| name == self.cookie_name && self.is_cookie(value))
    }

    /// The answer to `GET /?token=T`, if that is what is asked.
    fn trade(&self, method: &Method, uri: &Uri) -> Option<Response> {
        if method != Method::GET || uri.path() != "/" {
            return None;
        }
        let given = uri.query()?.split('&').find_map(|pair| pair.strip_prefix("token="))?;
        if !self.is_token(given) {
            return Some(refused(StatusCode::UNAUTHORIZED, "that token opens nothing here"));
        }
        let cookie = format!("{}={}; Path=/; HttpOnly; SameSite=Strict", self.cookie_name, self.cookie);
        let cookie = HeaderValue::from_str(&cookie).ok()?;
        let headers = [(SET_COOKIE, cookie), (LOCATION, HeaderValue::from_static("/"))];
        Some((StatusCode::SEE_OTHER, headers).into_response())
    }
}

pub(super) async fn pass(State(gate): State<Arc<Gate>>, request: Request, next: Next) -> Response {
    if let Some(why) = gate.refusal(request.headers()) {
        return refused(StatusCode::FORBIDDEN, why);
    }
    if let Some(traded) = gate.trade(request.method(), request.uri()) {
        return traded;
    }
    if !gate.knows(request.headers()) {
        return refused(StatusCode::UNAUTHORIZED, "the request carries no valid token");
    }
    next.run(request).await
}

fn refused(status: StatusCode, why: &str) -> Response {
    let error = WireError::new(ErrorCode::Unauthorized, why)
        .with_hint("open the address that `hear serve` printed, or send `Authorization: Bearer TOKEN`");
    answer::with_status(status, &error)
}

fn text(headers: &HeaderMap, name: HeaderName) -> Option<&str> {
    headers.get(name)?.to_str().ok()
}

/// `host` without its port; an IPv6 address keeps its brackets.
fn hostname(host: &str) -> &str {
    match host.rsplit_once(':') {
        Some((name, port)) if port.bytes().all(|byte| byte.is_ascii_digit()) => name,
        _ => host,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn headers(pairs: &[(HeaderName, &str)]) -> HeaderMap {
        pairs.iter().map(|(name, value)| (name.clone(), HeaderValue::from_str(value).unwrap())).collect()
    }

    fn gate() -> Gate {
        Gate::new(4870, "secret".to_owned(), vec!["box.lan".to_owned()])
    }

    #[test]
    fn only_names_of_this_machine_and_its_own_pages_are_answered() {
        let refused = |pairs: &[(HeaderName, &str)]| gate().refusal(&headers(pairs)).is_some();
        for host in ["127.0.0.1:4870", "localhost", "[::1]:4870", "[::1]", "BOX.lan:1"] {
            assert!(!refused(&[(HOST, host)]), "{host} is ours");
        }
        for host in ["evil.example:4870", "127.0.0.1.evil.example", "[::2]:1", ""] {
            assert!(refused(&[(HOST, host)]), "{host} is not ours");
        }
        assert!(refused(&[]), "a request must name its host");
        let ours = (HOST, "127.0.0.1:4870");
        assert!(!refused(&[ours.clone(), (ORIGIN, "http://127.0.0.1:4870")]));
        for origin in ["http://evil.example", "null", "http://127.0.0.1:4871", "https://127.0.0.1:4870"] {
            assert!(refused(&[ours.clone(), (ORIGIN, origin)]), "{origin} is another page");
        }
    }

    #[test]
    fn the_token_opens_as_a_cookie_or_as_a_bearer() {
        let knows = |name: HeaderName, value: &str| gate().knows(&headers(&[(name, value)]));
        let crumb = gate().cookie;
        assert!(knows(COOKIE, &format!("a=b; hearsay_4870={crumb}")));
        assert!(knows(AUTHORIZATION, "Bearer secret"));
        for (name, value) in [
            (COOKIE, &*format!("hearsay_4871={crumb}")),
            (COOKIE, &*format!("hearsay_4870={crumb}0")),
            (COOKIE, "hearsay_4870=secret"),
            (COOKIE, "hearsay_4870="),
            (AUTHORIZATION, "Bearer "),
            (AUTHORIZATION, "secret"),
        ] {
            assert!(!knows(name, value), "{value} opens nothing");
        }
    }

    #[test]
    fn a_token_that_would_break_an_address_is_refused() {
        for token in ["", "a b", "a&b", "a;b", "ü"] {
            assert!(checked(token.to_owned()).is_err(), "{token:?}");
        }
        assert_eq!(checked("a-B_1.~".to_owned()).unwrap(), "a-B_1.~");
    }

    #[test]
    fn the_token_is_traded_for_a_cookie_only_at_the_root() {
        let trade = |uri: &'static str| {
            gate().trade(&Method::GET, &Uri::from_static(uri)).map(|answer| answer.status())
        };
        assert_eq!(trade("/?token=secret"), Some(StatusCode::SEE_OTHER));
        assert_eq!(trade("/?token=wrong"), Some(StatusCode::UNAUTHORIZED));
        assert_eq!(trade("/"), None);
        assert_eq!(trade("/api/board?token=secret"), None);
    }
}
