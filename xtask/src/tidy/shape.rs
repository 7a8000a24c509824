//! How a file is shaped: its opening words and its length.
//!
//! Not here: the length of functions, which clippy and eslint hold.
//!
//! Invariant: tests do not count, wherever they are kept.

use super::tree::{File, Finding, Tree};

const CODE_LINES: usize = 400;
const COMPONENT_LINES: usize = 300;

pub(super) fn look(tree: &Tree) -> Vec<Finding> {
    tree.files
        .iter()
        .filter(|file| !file.generated())
        .flat_map(|file| [opening(file), length(file)])
        .flatten()
        .collect()
}

fn opening(file: &File) -> Option<Finding> {
    let first = file.text.lines().find(|line| !line.trim().is_empty()).unwrap_or_default();
    let wanted = file.extension() == "rs" && !first.starts_with("//!");
    wanted.then(|| file.finding(1, "opens without //! (purpose, what does not belong, invariants)"))
}

fn length(file: &File) -> Option<Finding> {
    let gate = match file.extension() {
        "rs" | "ts" => CODE_LINES,
        "svelte" => COMPONENT_LINES,
        _ => return None,
    };
    let name = file.name();
    if name == "tests.rs" || name.ends_with(".test.ts") || name.ends_with(".spec.ts") {
        return None;
    }
    let lines = lines_before_tests(&file.text);
    (lines > gate)
        .then(|| file.finding(gate + 1, format!("{lines} lines before its tests; the gate is {gate}")))
}

/// How many lines come before the test module that a Rust file ends with.
fn lines_before_tests(text: &str) -> usize {
    let lines: Vec<_> = text.lines().collect();
    let tests = lines.windows(2).position(|pair| {
        // A test module in another file is one line here and no end of this one.
        pair[0].trim() == "#[cfg(test)]" && pair[1].trim_start().starts_with("mod ") && pair[1].ends_with('{')
    });
    tests.unwrap_or(lines.len())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn lines(count: usize) -> String {
        "let a = 1;\n".repeat(count)
    }

    #[test]
    fn a_module_without_opening_words_is_found() {
        let tree = Tree::of(&[("a.rs", "use std::fs;\n"), ("b.rs", "\n//! B\n"), ("c.ts", "let c;\n")]);
        let found = look(&tree);
        assert_eq!(found.len(), 1);
        assert!(found[0].to_string().starts_with("a.rs:1: opens without //!"), "{}", found[0]);
    }

    #[test]
    fn long_files_are_found_by_their_kind() {
        let tree = Tree::of(&[
            ("a.ts", &lines(401)),
            ("b.ts", &lines(400)),
            ("c.svelte", &lines(301)),
            ("d.rs", &format!("//! D\n{}", lines(400))),
            ("e.css", &lines(1000)),
        ]);
        let found: Vec<_> = look(&tree).into_iter().map(|finding| finding.path).collect();
        assert_eq!(found, ["a.ts", "c.svelte", "d.rs"]);
    }

    #[test]
    fn tests_and_generated_files_do_not_count() {
        let own = format!("//! A\n{}\n#[cfg(test)]\nmod tests {{\n{}}}\n", lines(390), lines(300));
        let tree = Tree::of(&[
            ("a.rs", &own),
            ("b/tests.rs", &format!("//! B\n{}", lines(500))),
            ("c.test.ts", &lines(500)),
            ("wire/generated.ts", &lines(900)),
            ("d.ts", &format!("// @generated\n{}", lines(900))),
        ]);
        assert_eq!(look(&tree), []);
    }

    #[test]
    fn a_test_module_elsewhere_hides_nothing() {
        let text = format!("//! A\n#[cfg(test)]\nmod tests;\n{}", lines(400));
        assert_eq!(look(&Tree::of(&[("a.rs", &text)])).len(), 1);
    }
}
