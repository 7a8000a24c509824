//! Names that say nothing: a module is named after its subject.
//!
//! Not here: names of functions and types.
//!
//! Invariant: holds for folders, files and inline modules alike.

use super::tree::{File, Finding, Tree};

const EMPTY: [&str; 9] =
    ["util", "utils", "helper", "helpers", "manager", "managers", "service", "services", "common"];
const SOURCES: [&str; 6] = ["rs", "ts", "js", "mjs", "svelte", "css"];

pub(super) fn look(tree: &Tree) -> Vec<Finding> {
    tree.files.iter().filter(|file| SOURCES.contains(&file.extension())).flat_map(look_at).collect()
}

fn look_at(file: &File) -> Vec<Finding> {
    let says_nothing =
        |line, name: &str| file.finding(line, format!("`{name}` says nothing: name the subject"));
    let mut found = Vec::new();
    for part in file.path.split('/') {
        let stem = part.split('.').next().unwrap_or(part);
        if is_empty(stem) {
            found.push(says_nothing(0, stem));
        }
    }
    if file.extension() == "rs" {
        for (number, line) in file.lines() {
            if let Some(name) = inline_module(line).filter(|name| is_empty(name)) {
                found.push(says_nothing(number, name));
            }
        }
    }
    found
}

/// True if the name, or the last word of it, is one of the empty words.
fn is_empty(name: &str) -> bool {
    let last = name.rsplit(['_', '-']).next().unwrap_or(name).to_lowercase();
    EMPTY.contains(&last.as_str())
}

/// The name in `pub(crate) mod name {`.
fn inline_module(line: &str) -> Option<&str> {
    let (before, after) = line.split_once("mod ")?;
    let opens = before.trim().is_empty() || before.trim().starts_with("pub");
    let name = after.trim_end().strip_suffix('{')?.trim();
    opens.then_some(name)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn empty_names_are_found_wherever_they_stand() {
        let tree = Tree::of(&[
            ("src/utils.rs", "//! U\n"),
            ("src/overlay_manager.rs", "//! M\n"),
            ("src/helpers/text.ts", ""),
            ("tests/common/mod.rs", "//! C\n"),
            ("src/board.rs", "//! B\npub(crate) mod service {\n}\n"),
        ]);
        let found: Vec<_> = look(&tree).iter().map(ToString::to_string).collect();
        assert_eq!(found.len(), 5, "{found:#?}");
        assert!(found[4].starts_with("src/board.rs:2:"), "{}", found[4]);
    }

    #[test]
    fn subjects_are_left_alone() {
        let tree = Tree::of(&[
            ("src/service-worker.ts", ""),
            ("src/overlay.rs", "//! O\nmod lane {\n}\n// the mod service is elsewhere\n"),
            ("docs/utils.md", ""),
        ]);
        assert_eq!(look(&tree), []);
    }
}
