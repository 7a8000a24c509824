//! Which agent did something: Kanbus's provenance of issues and comments.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};
use serde_json::Value;

use super::refusal::Refusal;

/// The most bytes of it, as JSON.
const MOST: usize = 2048;
/// The most bytes of the name of a session.
const NAME: usize = 128;
/// The most characters of the name of a platform.
const PLATFORM: usize = 64;

/// An agent, in Kanbus's order of keys.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Agent {
    /// What it runs on.
    pub platform: String,
    /// What it thinks with.
    pub model: String,
    /// What this run of it is called, if it has a name.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub name: Option<String>,
    /// Further settings, none of them secret.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub settings: BTreeMap<String, Value>,
}

impl Agent {
    /// The agent that these words describe, as Kanbus takes them from its environment; `None` where nothing is said.
    ///
    /// # Errors
    /// Where they describe no agent, or tell a secret.
    pub fn described(
        platform: Option<&str>,
        model: Option<&str>,
        name: Option<&str>,
        settings: BTreeMap<String, Value>,
    ) -> Result<Option<Self>, Refusal> {
        let text =
            |text: Option<&str>| text.map(str::trim).filter(|text| !text.is_empty()).map(str::to_owned);
        let (platform, model, name) = (text(platform), text(model), text(name));
        if name.as_ref().is_some_and(|name| name.len() > NAME) {
            return Err(Refusal::invalid("invalid agent name").hint("A shorter name will do."));
        }
        if platform.is_none() && model.is_none() && name.is_none() && settings.is_empty() {
            return Ok(None);
        }
        let (Some(platform), Some(model)) = (platform, model) else {
            return Err(Refusal::invalid("agent metadata requires both platform and model")
                .hint("Say what it runs on, and what it thinks with."));
        };
        if settings.keys().any(|key| tells_a_secret(key)) {
            return Err(Refusal::invalid("agent settings must not contain secret-like keys")
                .hint("Whoever reads the repository reads the settings. Leave the secret out."));
        }
        let agent = Self { platform: slug(&platform)?, model, name, settings };
        let length = serde_json::to_string(&agent).map_or(usize::MAX, |text| text.len());
        if length > MOST {
            return Err(Refusal::invalid("agent metadata exceeds maximum size")
                .hint(format!("At most {MOST} bytes of JSON.")));
        }
        Ok(Some(agent))
    }

    /// The agent that a file names, if it says one that Kanbus reads.
    pub(super) fn read(value: Value) -> Option<Self> {
        serde_json::from_value(value).ok()
    }

    /// What is to stand where `existing` does, now that `incoming` has touched it: what is complete stays, and says so.
    pub(super) fn assigned(existing: Option<Self>, incoming: Option<&Self>) -> Result<Option<Self>, Refusal> {
        let Some(incoming) = incoming else { return Ok(existing) };
        let is_named = |agent: &Self| agent.name.as_ref().is_some_and(|name| !name.is_empty());
        if existing.as_ref().is_some_and(is_named) {
            return Err(Refusal::rule("agent metadata is already set")
                .hint("Another agent has signed it. Do it without agent metadata."));
        }
        Ok(Some(incoming.clone()))
    }
}

fn slug(platform: &str) -> Result<String, Refusal> {
    let slug = platform.split_whitespace().collect::<Vec<_>>().join("_").to_ascii_lowercase();
    let is_plain = |c: char| c.is_ascii_lowercase() || c.is_ascii_digit() || matches!(c, '_' | '-');
    if slug.is_empty() || slug.len() > PLATFORM || !slug.chars().all(is_plain) {
        return Err(Refusal::invalid("invalid agent platform")
            .hint("Letters, digits, hyphens and underscores, at most 64."));
    }
    Ok(slug)
}

fn tells_a_secret(key: &str) -> bool {
    let key = key.to_ascii_lowercase();
    ["apikey", "api_key", "api-key", "token", "secret", "password", "credential"]
        .iter()
        .any(|word| key.contains(word))
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn described(platform: &str, model: &str, name: &str, settings: Value) -> Result<Option<Agent>, String> {
        let settings = serde_json::from_value(settings).unwrap();
        Agent::described(Some(platform), Some(model), Some(name), settings).map_err(|refusal| refusal.message)
    }

    #[test]
    fn an_agent_is_described_as_kanbus_describes_it() {
        let agent = described(" Claude  Code ", " m ", "", json!({"b": 1, "a": 2})).unwrap().unwrap();
        assert_eq!(
            serde_json::to_string(&agent).unwrap(),
            r#"{"platform":"claude_code","model":"m","settings":{"a":2,"b":1}}"#
        );
        assert_eq!(described(" ", "", " ", json!({})), Ok(None));
        let refused = |platform: &str, model: &str, name: &str, settings| {
            described(platform, model, name, settings).unwrap_err()
        };
        assert_eq!(refused("x", "", "", json!({})), "agent metadata requires both platform and model");
        assert_eq!(refused("", "", "n", json!({})), "agent metadata requires both platform and model");
        assert_eq!(refused("x!", "m", "", json!({})), "invalid agent platform");
        assert_eq!(refused("x", "m", &"n".repeat(129), json!({})), "invalid agent name");
        assert_eq!(
            refused("x", "m", "", json!({"my_API-key": 1})),
            "agent settings must not contain secret-like keys"
        );
        assert_eq!(
            refused("x", "m", "", json!({"a": "x".repeat(2048)})),
            "agent metadata exceeds maximum size"
        );
    }
}
