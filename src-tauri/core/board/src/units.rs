//! Keyed units with a tag, and the patches between tags.
//!
//! Not here: what a unit says (`unit`) and how patches cross a door (`hearsay-live`).
//!
//! Invariants:
//! - The tag is a function of the units alone, whatever way led to them, and its upkeep costs what changed.
//! - Full board + patches = full board, to the byte (`full_and_patches_give_the_board`).

use std::collections::{BTreeMap, BTreeSet};
use std::fmt;

use serde::{Serialize, Serializer};
use serde_json::value::{RawValue, to_raw_value};

/// The hash of a whole board: the sum of its units' hashes, so that one unit's change is one subtraction and one
/// addition.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Tag(u128);

impl fmt::Display for Tag {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:032x}", self.0)
    }
}

impl Serialize for Tag {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

/// The units of a board by key, each as the canonical JSON that ships.
#[derive(Debug, Default)]
pub struct Units {
    units: BTreeMap<Box<str>, Kept>,
    tag: Tag,
    weight: usize,
    /// Keys touched since the last patch; `from` is the tag then.
    touched: BTreeSet<Box<str>>,
    from: Tag,
}

#[derive(Debug)]
struct Kept {
    json: Box<RawValue>,
    hash: u128,
}

/// A unit written as JSON and hashed, to be set.
#[derive(Debug)]
pub(crate) struct Made {
    pub(crate) key: Box<str>,
    json: Box<RawValue>,
    hash: u128,
}

impl Made {
    pub(crate) fn new<T: Serialize>(key: Box<str>, unit: &T) -> Result<Self, serde_json::Error> {
        let json = to_raw_value(unit)?;
        let hash = hash(&key, json.get());
        Ok(Self { key, json, hash })
    }
}

/// What leads from one tag to another.
#[derive(Debug, Clone, Serialize)]
pub struct Patch {
    /// The tag it applies to.
    pub from: Tag,
    /// The tag it leads to.
    pub to: Tag,
    /// Units that are new or other than before.
    pub set: BTreeMap<Box<str>, Box<RawValue>>,
    /// Keys that are gone.
    pub del: Vec<Box<str>>,
}

impl Patch {
    /// How many bytes of units it carries: what is compared with [`Units::weight`].
    pub fn weight(&self) -> usize {
        let set: usize = self.set.iter().map(|(key, json)| key.len() + json.get().len()).sum();
        set + self.del.iter().map(|key| key.len()).sum::<usize>()
    }
}

impl Units {
    /// Sets the unit at `key`; nothing changes where it is the same already.
    ///
    /// # Errors
    /// Where `unit` cannot be written as JSON.
    pub fn set<T: Serialize>(&mut self, key: &str, unit: &T) -> Result<(), serde_json::Error> {
        self.put(Made::new(key.into(), unit)?);
        Ok(())
    }

    /// Sets a unit that is written already.
    pub(crate) fn put(&mut self, made: Made) {
        let Made { key, json, hash } = made;
        if let Some(kept) = self.units.get_mut(&key) {
            if kept.hash == hash {
                return;
            }
            self.tag.0 = self.tag.0.wrapping_sub(kept.hash).wrapping_add(hash);
            self.weight = self.weight - kept.json.get().len() + json.get().len();
            *kept = Kept { json, hash };
        } else {
            self.tag.0 = self.tag.0.wrapping_add(hash);
            self.weight += key.len() + json.get().len();
            self.units.insert(key.clone(), Kept { json, hash });
        }
        self.touched.insert(key);
    }

    /// Removes the unit at `key`, if there is one.
    pub fn remove(&mut self, key: &str) {
        if let Some(kept) = self.units.remove(key) {
            self.tag.0 = self.tag.0.wrapping_sub(kept.hash);
            self.weight -= key.len() + kept.json.get().len();
            self.touched.insert(key.into());
        }
    }

    /// The tag of the board as it is.
    pub fn tag(&self) -> Tag {
        self.tag
    }

    /// How many bytes the units have, with their keys: what is compared with [`Patch::weight`].
    pub fn weight(&self) -> usize {
        self.weight
    }

    /// How many units there are.
    pub fn len(&self) -> usize {
        self.units.len()
    }

    /// Whether there are none.
    pub fn is_empty(&self) -> bool {
        self.units.is_empty()
    }

    /// The units as one JSON object, in the order of the keys.
    pub fn as_json(&self) -> impl Serialize + '_ {
        AsJson(self)
    }

    /// Every unit by key, in the order of the keys.
    pub fn iter(&self) -> impl Iterator<Item = (&str, &RawValue)> {
        self.units.iter().map(|(key, kept)| (&**key, &*kept.json))
    }

    /// The unit at `key`.
    pub fn get(&self, key: &str) -> Option<&RawValue> {
        self.units.get(key).map(|kept| &*kept.json)
    }

    /// Forgets what changed, where nobody follows.
    pub fn skip_patch(&mut self) {
        self.touched.clear();
        self.from = self.tag;
    }

    /// The patch since the last one taken or skipped, if anything changed.
    pub fn take_patch(&mut self) -> Option<Patch> {
        let (touched, from) =
            (std::mem::take(&mut self.touched), std::mem::replace(&mut self.from, self.tag));
        if from == self.tag {
            return None;
        }
        let mut patch = Patch { from, to: self.tag, set: BTreeMap::new(), del: Vec::new() };
        for key in touched {
            match self.units.get(&key) {
                Some(kept) => drop(patch.set.insert(key, kept.json.clone())),
                None => patch.del.push(key),
            }
        }
        Some(patch)
    }
}

struct AsJson<'a>(&'a Units);

impl Serialize for AsJson<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_map(self.0.iter())
    }
}

/// The first half of BLAKE3 over key and JSON, with a byte between them that no key contains.
fn hash(key: &str, json: &str) -> u128 {
    let mut hasher = blake3::Hasher::new();
    hasher.update(key.as_bytes()).update(&[0]).update(json.as_bytes());
    let mut half = [0; 16];
    half.copy_from_slice(&hasher.finalize().as_bytes()[..16]);
    u128::from_le_bytes(half)
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;
    use serde_json::Value;

    fn text(units: &Units) -> BTreeMap<String, String> {
        units.iter().map(|(key, json)| (key.to_owned(), json.get().to_owned())).collect()
    }

    fn apply(board: &mut BTreeMap<String, String>, patch: &Patch) {
        for (key, json) in &patch.set {
            board.insert(key.to_string(), json.get().to_owned());
        }
        for key in &patch.del {
            board.remove(&**key);
        }
    }

    proptest! {
        #[test]
        fn full_and_patches_give_the_board(
            steps in prop::collection::vec((0u8..6, prop::option::of(0u8..4), any::<bool>()), 0..60)
        ) {
            let mut units = Units::default();
            let mut follower = BTreeMap::new();
            let mut at = units.tag();
            for (key, value, settle) in steps {
                let key = format!("card:{key}");
                match value {
                    Some(value) => units.set(&key, &Value::from(value)).unwrap(),
                    None => units.remove(&key),
                }
                if settle && let Some(patch) = units.take_patch() {
                    prop_assert_eq!(patch.from, at, "patches chain");
                    apply(&mut follower, &patch);
                    at = patch.to;
                    prop_assert_eq!(&follower, &text(&units));
                }
            }
            if let Some(patch) = units.take_patch() {
                apply(&mut follower, &patch);
            }
            let mut fresh = Units::default();
            for (key, json) in &follower {
                fresh.set(key, &serde_json::from_str::<Value>(json).unwrap()).unwrap();
            }
            prop_assert_eq!(fresh.weight(), units.weight());
            prop_assert_eq!(fresh.tag(), units.tag(), "the tag follows from the units, not from the way to them");
        }
    }

    /// The store of the UI applies patches, and is tested against the same file.
    #[test]
    fn what_changes_between_the_boards_of_a_vector_is_its_patch() {
        let vectors: Value =
            serde_json::from_str(include_str!("../../../../tests/vectors/patches.json")).unwrap();
        let deltas = vectors
            .as_array()
            .unwrap()
            .iter()
            .filter(|vector| vector["message"]["type"] == "board_delta" && vector["expect"] != "resync");
        let mut seen = 0;
        for vector in deltas {
            seen += 1;
            let (before, after) =
                (vector["board"].as_object().unwrap(), vector["expect"]["board"].as_object().unwrap());
            let mut units = Units::default();
            before.iter().for_each(|(key, unit)| units.set(key, unit).unwrap());
            units.skip_patch();
            after.iter().for_each(|(key, unit)| units.set(key, unit).unwrap());
            before.keys().filter(|key| !after.contains_key(*key)).for_each(|key| units.remove(key));
            let patch = serde_json::to_value(units.take_patch()).unwrap();
            let (mut set, mut del) = (vector["message"]["set"].clone(), vector["message"]["del"].clone());
            // A patch of ours says nothing that is so already.
            set.as_object_mut().unwrap().retain(|key, unit| before.get(key) != Some(unit));
            del.as_array_mut().unwrap().retain(|key| before.contains_key(key.as_str().unwrap()));
            let expected = (set != Value::Object(Default::default()) || del != Value::Array(Vec::new()))
                .then_some((set, del));
            let made = (!patch.is_null()).then(|| (patch["set"].clone(), patch["del"].clone()));
            assert_eq!(made, expected, "{}", vector["name"]);
        }
        assert!(seen > 3, "the vectors hold patches");
    }

    #[test]
    fn the_key_is_part_of_the_tag() {
        let tag = |pairs: &[(&str, u8)]| {
            let mut units = Units::default();
            for (key, value) in pairs {
                units.set(key, value).unwrap();
            }
            units.tag()
        };
        assert_ne!(tag(&[("a", 1), ("b", 2)]), tag(&[("a", 2), ("b", 1)]));
        assert_eq!(tag(&[("a", 1), ("b", 2)]), tag(&[("b", 2), ("a", 1)]));
    }

    #[test]
    fn a_change_that_is_taken_back_is_no_patch() {
        let mut units = Units::default();
        units.set("a", &1).unwrap();
        units.skip_patch();
        units.set("a", &2).unwrap();
        units.set("a", &1).unwrap();
        assert!(units.take_patch().is_none());
    }
}
