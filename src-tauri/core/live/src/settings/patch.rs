//! Changing settings: a JSON merge patch (RFC 7396), in which `null` brings back what is usual.
//!
//! Not here: where they are kept (`kept`).
//!
//! Invariant: a patch is taken as a whole, and only into settings that there are; else it is refused in words.

use serde_json::{Map, Value};

use super::{Settings, VERSION};
use crate::wire::{ErrorCode, WireError};

/// The largest settings, in bytes of JSON.
pub(super) const LARGEST: usize = 256 * 1024;
/// The part in which every name is one that somebody chose.
const FREE: &str = "/shortcuts";
/// The deepest patch that says anything.
const DEEPEST: usize = 8;

/// `settings` with `patch` on top.
///
/// # Errors
/// Where that comes to no settings.
pub(super) fn patched(settings: &Settings, patch: Map<String, Value>) -> Result<Settings, WireError> {
    let usual = json(&Settings::default())?;
    let mut now = json(settings)?;
    merge(&mut now, Value::Object(patch), &usual, "", 0)?;
    let patched: Settings = serde_json::from_value(now).map_err(|error| invalid(error.to_string()))?;
    checked(patched)
}

fn merge(into: &mut Value, patch: Value, usual: &Value, path: &str, depth: usize) -> Result<(), WireError> {
    let (Value::Object(patch), true) = (patch, depth < DEEPEST) else {
        return Err(invalid(format!("{} is not a part of the settings", named(path))));
    };
    if !into.is_object() {
        *into = Value::Object(Map::new());
    }
    let Value::Object(into) = into else { return Ok(()) };
    for (key, value) in patch {
        let at = format!("{path}/{key}");
        let known = usual.get(&key);
        if known.is_none() && path != FREE && !into.contains_key(&key) {
            return Err(invalid(format!("there is no setting {}", named(&at))));
        }
        match (value, known) {
            (Value::Null, Some(known)) => drop(into.insert(key, known.clone())),
            (Value::Null, None) => drop(into.remove(&key)),
            (Value::Object(value), Some(known @ Value::Object(_))) => {
                let slot = into.entry(key).or_insert_with(|| known.clone());
                merge(slot, Value::Object(value), known, &at, depth + 1)?;
            }
            (value, _) => drop(into.insert(key, value)),
        }
    }
    Ok(())
}

/// `settings`, where they mean something.
fn checked(mut settings: Settings) -> Result<Settings, WireError> {
    settings.version = VERSION;
    let names = settings.identity.names.iter().map(|name| name.trim().to_owned());
    settings.identity.names = names.filter(|name| !name.is_empty()).collect();
    settings.identity.names.dedup();
    if let Err(error) = settings.notifications.rules() {
        return Err(invalid(error.to_string()).with_hint("Mend that line of the rules."));
    }
    if json(&settings)?.to_string().len() > LARGEST {
        let message = format!("settings are at most {LARGEST} bytes");
        return Err(WireError::new(ErrorCode::TooLarge, message));
    }
    Ok(settings)
}

fn json(settings: &Settings) -> Result<Value, WireError> {
    serde_json::to_value(settings).map_err(|error| WireError::internal(&error))
}

fn invalid(message: String) -> WireError {
    WireError::new(ErrorCode::Invalid, message)
}

fn named(path: &str) -> String {
    path.trim_start_matches('/').replace('/', ".").escape_debug().to_string()
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;
    use crate::settings::Theme;

    fn patch(settings: &Settings, patch: Value) -> Result<Settings, WireError> {
        patched(settings, patch.as_object().unwrap().clone())
    }

    #[test]
    fn a_patch_sets_what_it_names_and_null_brings_back_what_is_usual() {
        let usual = Settings::default();
        let set = json!({"appearance": {"theme": "dark"}, "shortcuts": {"create": ["n"]},
            "notifications": {"rules": "label:x -> mute", "quiet": {"interrupts_pass": false}}});
        let other = patch(&usual, set).unwrap();
        assert_eq!(other.appearance.theme, Theme::Dark);
        assert!(other.notifications.enabled && !other.notifications.quiet.interrupts_pass);
        assert_eq!(other.shortcuts["create"], ["n"]);
        let back =
            json!({"appearance": null, "notifications": {"rules": null, "quiet": null}, "shortcuts": null});
        assert_eq!(patch(&other, back).unwrap(), usual);
        let back = json!({"shortcuts": {"create": null}});
        assert_eq!(patch(&other, back).unwrap().shortcuts.len(), 0);
    }

    #[test]
    fn what_is_no_setting_is_refused_with_its_name() {
        let said = |value: Value| patch(&Settings::default(), value).unwrap_err().message;
        assert_eq!(said(json!({"appearence": {}})), "there is no setting appearence");
        assert_eq!(said(json!({"tray": {"close": true}})), "there is no setting tray.close");
        assert!(said(json!({"appearance": {"theme": "pink"}})).contains("pink"));
        assert!(said(json!({"notifications": {"rules": "x ->"}})).contains("Line 1"));
        let said = patch(&Settings::default(), json!({"notifications": {"rules": "#".repeat(LARGEST)}}));
        assert_eq!(said.unwrap_err().code, ErrorCode::TooLarge);
    }

    #[test]
    fn what_a_later_release_has_written_is_kept() {
        let text = r#"{"version":1,"appearance":{"theme":"dark","density":"high"},"panes":[1]}"#;
        let settings: Settings = serde_json::from_str(text).unwrap();
        let other = patch(&settings, json!({"appearance": {"theme": "light"}})).unwrap();
        let value = serde_json::to_value(other).unwrap();
        assert_eq!((&value["appearance"]["density"], &value["panes"]), (&json!("high"), &json!([1])));
    }
}
