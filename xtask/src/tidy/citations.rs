//! What the documents promise: paths that they cite exist, and so do the tests that hold the invariants.
//!
//! Not here: whether a test does hold what it is named after.
//!
//! Two conventions. In README.md and ARCHITECTURE.md a word in backticks that ends in a source file's
//! extension or in `/` is a path from the root, unless it has a place holder or names a repository that
//! Hearsay opens. In ARCHITECTURE.md, each word with an underscore in backticks in a table of the section
//! "Invariants" is the name of a test.

use super::tree::{File, Finding, Tree, extension};

const DOCUMENTS: [&str; 2] = ["README.md", "ARCHITECTURE.md"];
const INVARIANTS: &str = "ARCHITECTURE.md";
const SOURCES: [&str; 10] = ["rs", "ts", "svelte", "js", "mjs", "css", "html", "toml", "md", "sh"];
/// Paths in the repositories that Hearsay opens, in the person's home, or made by a build.
const ELSEWHERE: [&str; 8] =
    ["ui/dist/", "project/", "project-local/", "target/", ".overlay/", "/", "~", "$"];

pub(super) fn look(tree: &Tree) -> Vec<Finding> {
    let documents = tree.files.iter().filter(|file| DOCUMENTS.contains(&file.path.as_str()));
    documents.flat_map(|file| [paths(tree, file), tests(tree, file)].concat()).collect()
}

fn paths(tree: &Tree, file: &File) -> Vec<Finding> {
    let missing = |word: &str| is_path(word) && !tree.has(word);
    words(file)
        .filter(|(_, word)| missing(word))
        .map(|(number, word)| file.finding(number, format!("`{word}` does not exist")))
        .collect()
}

fn is_path(word: &str) -> bool {
    let plain = |c: char| c.is_ascii_alphanumeric() || "/._-@+".contains(c);
    let ends = word.ends_with('/') || SOURCES.contains(&extension(word));
    ends && word.chars().all(plain) && !ELSEWHERE.iter().any(|place| word.starts_with(place))
}

fn tests(tree: &Tree, file: &File) -> Vec<Finding> {
    if file.path != INVARIANTS {
        return Vec::new();
    }
    let mut heading = 0;
    let mut named = Vec::new();
    let rows = rows_of_invariants(file, &mut heading);
    for (number, word) in words(file).filter(|(number, _)| rows.contains(number)) {
        if is_test_name(word) {
            named.push((number, word));
        }
    }
    if heading > 0 && named.is_empty() {
        return vec![file.finding(heading, "the section names no test that holds an invariant")];
    }
    named.retain(|(_, name)| !is_defined(tree, name));
    named
        .into_iter()
        .map(|(number, name)| file.finding(number, format!("there is no test `{name}`")))
        .collect()
}

/// The numbers of the table rows below the heading "Invariants".
fn rows_of_invariants(file: &File, heading: &mut usize) -> Vec<usize> {
    let mut rows = Vec::new();
    let mut inside = false;
    for (number, line) in file.lines() {
        if let Some(title) = line.strip_prefix("## ") {
            inside = title.trim().starts_with("Invariants");
            if inside {
                *heading = number;
            }
        } else if inside && line.trim_start().starts_with('|') {
            rows.push(number);
        }
    }
    rows
}

fn is_test_name(word: &str) -> bool {
    word.contains('_') && word.chars().all(|c| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '_')
}

fn is_defined(tree: &Tree, name: &str) -> bool {
    let definition = format!("fn {name}(");
    tree.files.iter().any(|file| file.extension() == "rs" && file.text.contains(&definition))
}

/// The words in backticks outside fenced blocks, with their lines.
fn words(file: &File) -> impl Iterator<Item = (usize, &str)> {
    let mut fenced = false;
    file.lines()
        .filter(move |(_, line)| {
            let fence = line.trim_start().starts_with("```");
            fenced ^= fence;
            !fenced && !fence
        })
        .flat_map(|(number, line)| line.split('`').skip(1).step_by(2).map(move |word| (number, word)))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn found(document: &str, text: &str) -> Vec<String> {
        let code = "//! O\n#[test]\nfn reading_writes_nothing() {}\n";
        let tree = Tree::of(&[("src/overlay.rs", code), (document, text)]);
        look(&tree).iter().map(ToString::to_string).collect()
    }

    #[test]
    fn a_cited_path_must_exist() {
        let text = "See `src/overlay.rs`, `src/` and `src/gone.rs`.\n\nAnd `gone/`.\n";
        assert_eq!(
            found("README.md", text),
            ["README.md:1: `src/gone.rs` does not exist", "README.md:3: `gone/` does not exist"]
        );
    }

    #[test]
    fn what_is_no_path_of_ours_is_left_alone() {
        let text = "`issues/*.json` `<id>.rs` `project/issues/` `.overlay/` `a b.rs` `~/x.toml` `main`\n";
        assert_eq!(found("README.md", text), [""; 0]);
        assert_eq!(found("README.md", "```\n`gone.rs`\n```\n"), [""; 0], "blocks are pictures");
        assert_eq!(found("ui/notes.md", "`gone.rs`"), [""; 0], "other documents speak for themselves");
    }

    #[test]
    fn an_invariant_is_held_by_a_test_that_exists() {
        let row = |name: &str| format!("# A\n\n## Invariants\n\n| 1 | Reading | `{name}` |\n\n## Rest\n");
        assert_eq!(found("ARCHITECTURE.md", &row("reading_writes_nothing")), [""; 0]);
        let missing = found("ARCHITECTURE.md", &row("writing_reads_nothing"));
        assert_eq!(missing, ["ARCHITECTURE.md:5: there is no test `writing_reads_nothing`"]);
        assert_eq!(found("ARCHITECTURE.md", &row("Card")).len(), 1, "no test is named at all");
        assert_eq!(
            found("ARCHITECTURE.md", "## Rest\n\n| `a_b` |\n"),
            [""; 0],
            "other tables name what they like"
        );
    }
}
