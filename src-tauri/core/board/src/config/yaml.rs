//! From YAML text to a JSON mapping, with the place of what is wrong.

use serde_json::{Map, Value};

/// Why a configuration cannot be read. Line and column count from 1.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{message}")]
pub struct ConfigError {
    /// What is wrong, in one sentence.
    pub message: String,
    /// The line, where it is known.
    pub line: Option<u32>,
    /// The column, where it is known.
    pub column: Option<u32>,
}

pub(super) fn mapping(text: &str) -> Result<Map<String, Value>, ConfigError> {
    let value = match serde_saphyr::from_str::<Value>(text) {
        Err(_) if text.contains("{{") => serde_saphyr::from_str(&quote_templates(text)),
        read => read,
    };
    match value.map_err(|error| placed(&error))? {
        Value::Null => Ok(Map::new()),
        Value::Object(mapping) => Ok(mapping),
        _ => Err(ConfigError {
            message: "the configuration is not a mapping".to_owned(),
            line: Some(1),
            column: Some(1),
        }),
    }
}

fn placed(error: &serde_saphyr::Error) -> ConfigError {
    let error = error.without_snippet();
    let place = error.location();
    let at = |pick: fn(&serde_saphyr::Location) -> u64| {
        place.as_ref().map(pick).and_then(|n| u32::try_from(n).ok())
    };
    let text = error.to_string();
    let first = text.lines().next().unwrap_or_default();
    let message = first.rsplit_once(": ").map_or(first, |(_, message)| message);
    let message = format!("not valid YAML: {message}");
    ConfigError { message, line: at(|place| place.line()), column: at(|place| place.column()) }
}

/// Quotes values that are templates (`key: {{ VAR|default }}`), which YAML reads as a mapping in a mapping.
fn quote_templates(text: &str) -> String {
    let quoted = |line: &str| {
        let (key, value) = line.split_once(": ")?;
        let value = value.trim();
        (value.starts_with("{{") && value.ends_with("}}"))
            .then(|| format!("{key}: '{}'", value.replace('\'', "''")))
    };
    let lines: Vec<String> =
        text.lines().map(|line| quoted(line).unwrap_or_else(|| line.to_owned())).collect();
    lines.join("\n")
}
