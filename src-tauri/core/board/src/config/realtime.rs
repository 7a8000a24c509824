//! The parts of a configuration that reach beyond the working tree: gossip and the overlay.
//!
//! Not here: what the environment says instead (`hearsay-gossip`), and whether any of it is trusted (`hearsay-live`).
//!
//! Invariant: everything here is a stranger's wish. Nothing is contacted because it stands here.

use serde_json::{Map, Value};

use super::scalar;

/// `realtime:` as the file has it; `None` where it is silent.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Realtime {
    /// `auto`, `uds` or `mqtt`.
    pub transport: Option<String>,
    /// `auto`, `off` or a URL.
    pub broker: Option<String>,
    /// Whether to start a broker where there is none.
    pub autostart: Option<bool>,
    /// Whether such a broker outlives who started it.
    pub keepalive: Option<bool>,
    /// Where the local bus has its socket.
    pub uds_socket_path: Option<String>,
    /// The name of the AWS custom authorizer.
    pub mqtt_custom_authorizer_name: Option<String>,
    /// Its token.
    pub mqtt_api_token: Option<String>,
    /// The topic, with `{project}` for the project's id.
    pub project_events: Option<String>,
}

/// `overlay:` as the file has it; `None` where it is silent.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Overlay {
    /// Whether what is heard is kept at all.
    pub enabled: Option<bool>,
    /// For how many seconds.
    pub ttl_s: Option<u64>,
}

/// How long claims that are heard may be contended for, in seconds, as `coordination:` has it; `None` where it is silent,
/// or says what Kanbus refuses.
pub(super) fn contention_window_s(section: &Map<String, Value>) -> Option<u64> {
    let text = section.get("contention_window").and_then(Value::as_str)?;
    let (digits, seconds) = [("s", 1), ("m", 60), ("h", 3_600)]
        .into_iter()
        .find_map(|(unit, seconds)| Some((text.strip_suffix(unit)?, seconds)))?;
    let is_plain = !digits.starts_with('0') && digits.bytes().all(|byte| byte.is_ascii_digit());
    digits.parse::<u64>().ok().filter(|_| is_plain)?.checked_mul(seconds)
}

impl Realtime {
    pub(super) fn read(section: &Map<String, Value>) -> Self {
        let text = |key: &str| section.get(key).and_then(scalar).filter(|text| !text.trim().is_empty());
        let flag = |key: &str| section.get(key).and_then(Value::as_bool);
        Self {
            transport: text("transport"),
            broker: text("broker"),
            autostart: flag("autostart"),
            keepalive: flag("keepalive"),
            uds_socket_path: text("uds_socket_path"),
            mqtt_custom_authorizer_name: text("mqtt_custom_authorizer_name"),
            mqtt_api_token: text("mqtt_api_token"),
            project_events: section
                .get("topics")
                .and_then(|topics| topics.get("project_events"))
                .and_then(scalar),
        }
    }
}

impl Overlay {
    pub(super) fn read(section: &Map<String, Value>) -> Self {
        Self {
            enabled: section.get("enabled").and_then(Value::as_bool),
            ttl_s: section.get("ttl_s").and_then(Value::as_u64),
        }
    }
}
