//! A board as somebody holds it: a tag, and units by key, each as the very text that was sent.

use std::collections::BTreeMap;

use serde_json::Value;
use serde_json::value::RawValue;

/// How many differing units are shown in full, and how much of each.
const SHOWN: usize = 12;
const AROUND: usize = 160;

/// A tag and units by key.
#[derive(Debug, Default, Clone)]
pub struct Board {
    /// The tag.
    pub tag: String,
    /// The text of every unit.
    pub units: BTreeMap<String, Box<RawValue>>,
}

impl Board {
    /// From the line that `hear board` prints.
    pub fn parse(line: &str) -> Self {
        let mut members: BTreeMap<String, Box<RawValue>> =
            serde_json::from_str(line).unwrap_or_else(|error| panic!("{error} in {line:.400}"));
        let mut take = |key: &str| members.remove(key).unwrap_or_else(|| panic!("no `{key}` in {line:.400}"));
        let tag = serde_json::from_str(take("to").get()).expect("a tag is text");
        let units = serde_json::from_str(take("board").get()).expect("a board is an object");
        Self { tag, units }
    }

    /// The line that `hear board` prints of it.
    pub fn line(&self) -> String {
        let units: Vec<String> = self
            .units
            .iter()
            .map(|(key, unit)| format!("{}:{}", Value::from(key.as_str()), unit.get()))
            .collect();
        format!("{{\"to\":{},\"board\":{{{}}}}}", Value::from(self.tag.as_str()), units.join(","))
    }

    /// The unit at `key`, if there is one.
    pub fn unit(&self, key: &str) -> Option<Value> {
        self.units.get(key).map(|unit| serde_json::from_str(unit.get()).expect("a unit is JSON"))
    }

    /// The card with the unit key `card:<key>`.
    pub fn card(&self, key: &str) -> Value {
        let known = || self.units.keys().cloned().collect::<Vec<_>>().join(", ");
        self.unit(&format!("card:{key}")).unwrap_or_else(|| panic!("no card {key} among {:.2000}", known()))
    }

    /// Whether there is such a card.
    pub fn has_card(&self, key: &str) -> bool {
        self.units.contains_key(&format!("card:{key}"))
    }

    /// Keys of all cards, without `card:`.
    pub fn cards(&self) -> Vec<&str> {
        self.units.keys().filter_map(|key| key.strip_prefix("card:")).collect()
    }

    /// The problem at `path`.
    pub fn problem(&self, path: &str) -> Value {
        let problems = || format!("{:#?}", self.problems());
        self.unit(&format!("problem:{path}"))
            .unwrap_or_else(|| panic!("no problem at {path} among {}", problems()))
    }

    /// Every problem.
    pub fn problems(&self) -> Vec<Value> {
        let keys = self.units.keys().filter(|key| key.starts_with("problem:"));
        keys.filter_map(|key| self.unit(key)).collect()
    }

    /// The codes of a card's notes.
    pub fn notes(&self, key: &str) -> Vec<String> {
        let card = self.card(key);
        let notes = card["notes"].as_array().into_iter().flatten();
        notes.filter_map(|note| note["code"].as_str().map(str::to_owned)).collect()
    }

    /// What differs between two boards, for the person who reads why a test failed.
    pub fn differences(&self, fresh: &Self) -> String {
        let mut said = format!("held tag {}, fresh tag {}\n", self.tag, fresh.tag);
        let mut keys: Vec<&String> = self.units.keys().chain(fresh.units.keys()).collect();
        keys.sort();
        keys.dedup();
        let text = |board: &Self, key: &str| {
            board.units.get(key).map_or("nothing".to_owned(), |unit| unit.get().to_owned())
        };
        let mut unequal = 0;
        for key in keys {
            let (held, read) = (text(self, key), text(fresh, key));
            if held != read {
                unequal += 1;
                if unequal <= SHOWN {
                    let (held, read) = around_difference(&held, &read);
                    said.push_str(&format!("{key}\n  held:  {held}\n  fresh: {read}\n"));
                }
            }
        }
        said.push_str(&format!("{unequal} units differ\n"));
        said
    }
}

/// What two texts say around the first place where they differ.
fn around_difference(one: &str, other: &str) -> (String, String) {
    let same = one.chars().zip(other.chars()).take_while(|(a, b)| a == b).count();
    let part =
        |text: &str| -> String { text.chars().skip(same.saturating_sub(AROUND / 4)).take(AROUND).collect() };
    (part(one), part(other))
}
