//! Words that do not belong in a finished file: open ends, skipped tests, places of one machine, forbidden
//! imports.
//!
//! Not here: whether the words around them are true.
//!
//! Invariant: this file names each of them in pieces, so that it passes its own rules.

use super::tree::{File, Finding, Tree};

const OPEN_ENDS: [&str; 3] = [concat!("TO", "DO"), concat!("FIX", "ME"), concat!("X", "XX")];
const SOURCES: [&str; 12] =
    ["rs", "ts", "js", "mjs", "svelte", "css", "html", "toml", "md", "sh", "yml", "yaml"];
const SCRIPTS: [&str; 4] = ["ts", "js", "mjs", "svelte"];
const SKIPPED: [&str; 2] = [concat!(".ski", "p("), concat!(".onl", "y(")];
const IGNORED: &str = concat!("#[ign", "ore");
/// The roots of folders that exist on one machine only.
const PLACES: [&str; 2] = [concat!("/wo", "rk/"), concat!("/ro", "ot/")];
/// Package registries are reached through their clients, never by address.
const HOSTS: [&str; 5] = [
    concat!("registry.", "npmjs.org"),
    concat!("files.", "pythonhosted.org"),
    concat!("static.", "crates.io"),
    concat!("index.", "crates.io"),
    concat!("deb.", "debian.org"),
];
const TAURI: &str = concat!("@tauri", "-apps");
const TAURI_DOOR: &str = "ui/src/platform/tauri";

pub(super) fn look(tree: &Tree) -> Vec<Finding> {
    tree.files.iter().flat_map(look_at).collect()
}

fn look_at(file: &File) -> Vec<Finding> {
    let mut found = Vec::new();
    for (number, line) in file.lines() {
        let mut find = |what: String| found.push(file.finding(number, what));
        for place in PLACES {
            if stands_alone(line, place) {
                find(format!("`{place}` is a place of one machine"));
            }
        }
        for host in HOSTS {
            if line.contains(host) {
                find(format!("`{host}`: name packages, not registries' hosts"));
            }
        }
        if file.generated() {
            continue;
        }
        if SOURCES.contains(&file.extension()) {
            let said = comment(file, line);
            for mark in OPEN_ENDS.iter().filter(|mark| is_word(said, mark)) {
                find(format!("{mark}: finish it or open an issue"));
            }
        }
        if file.extension() == "rs" && line.contains(IGNORED) {
            find("an ignored test promises nothing".to_owned());
        }
        if SCRIPTS.contains(&file.extension()) {
            for mark in SKIPPED.iter().filter(|mark| line.contains(*mark) && calls_test(line, mark)) {
                find(format!("`{mark}…)` leaves tests out"));
            }
            if imports_tauri(file, line) {
                find(format!("only {TAURI_DOOR} imports {TAURI}"));
            }
        }
    }
    found
}

/// True if `place` begins a path here: `a/work/b` is somebody's relative path.
fn stands_alone(line: &str, place: &str) -> bool {
    let inside = |before: char| before.is_alphanumeric() || "._-/~)}>*".contains(before);
    line.match_indices(place).any(|(at, _)| !line[..at].chars().next_back().is_some_and(inside))
}

/// What a line says to people: a constant may be called what a mark is called.
fn comment<'a>(file: &File, line: &'a str) -> &'a str {
    let signs: &[&str] = match file.extension() {
        "md" => return line,
        "toml" | "sh" | "yml" | "yaml" => &["#"],
        _ if line.trim_start().starts_with('*') => return line,
        _ => &["//", "/*", "<!--"],
    };
    let begins = signs.iter().filter_map(|sign| line.find(sign)).min();
    begins.map_or("", |at| &line[at..])
}

fn is_word(line: &str, word: &str) -> bool {
    let letter = |c: char| c.is_alphanumeric() || c == '_';
    line.match_indices(word).any(|(at, _)| {
        let before = line[..at].chars().next_back().is_some_and(letter);
        let after = line[at + word.len()..].chars().next().is_some_and(letter);
        !before && !after
    })
}

/// True if the call hangs on a test, a suite, or what makes them.
fn calls_test(line: &str, mark: &str) -> bool {
    let tests = ["it", "test", "describe", "bench", "concurrent", "each", "sequential"];
    line.split(mark).any(|before| tests.iter().any(|name| before.ends_with(name)))
}

fn imports_tauri(file: &File, line: &str) -> bool {
    let imports = line.contains("import") || line.contains("from ");
    file.path.starts_with("ui/src/") && !file.path.starts_with(TAURI_DOOR) && imports && line.contains(TAURI)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn found(path: &str, text: &str) -> Vec<String> {
        look(&Tree::of(&[(path, text)])).iter().map(ToString::to_string).collect()
    }

    #[test]
    fn open_ends_are_found_as_words_of_comments_only() {
        assert_eq!(found("a.rs", &format!("//! A\nlet a = 1; // {}: later\n", OPEN_ENDS[0])).len(), 1);
        assert_eq!(found("a.toml", &format!("# {}\n", OPEN_ENDS[2])).len(), 1);
        assert_eq!(found("a.css", &format!("/*\n * {}\n */\n", OPEN_ENDS[1])).len(), 1);
        assert_eq!(found("a.rs", &format!("const {}: u8 = 1;\n", OPEN_ENDS[0])).len(), 0, "a name");
        assert_eq!(found("a.rs", &format!("fn a() {{ {}S }}\n// todo\n", OPEN_ENDS[0])).len(), 0);
        assert_eq!(found("data.json", OPEN_ENDS[1]).len(), 0, "data may say what it likes");
    }

    #[test]
    fn tests_that_are_left_out_are_found() {
        assert_eq!(found("a.rs", &format!("    {IGNORED}]\n")).len(), 1);
        assert_eq!(found("a.test.ts", &format!("describe{}'x', () => {{}})\n", SKIPPED[0])).len(), 1);
        assert_eq!(found("a.test.ts", &format!("it{}'x', () => {{}})\n", SKIPPED[1])).len(), 1);
        assert_eq!(found("a.rs", &format!("lines{}1)\n", SKIPPED[0])).len(), 0, "iterators skip");
        assert_eq!(found("a.ts", &format!("lines{}1)\n", SKIPPED[0])).len(), 0, "iterators skip here too");
    }

    #[test]
    fn places_of_one_machine_are_found() {
        assert_eq!(found("a.md", &format!("see `{}main`\n", PLACES[0])).len(), 1);
        assert_eq!(found("data.json", &format!("\"{}x\"\n", PLACES[1])).len(), 1);
        assert_eq!(found("a.md", &format!("docs{}plan.md\n", PLACES[0])).len(), 0, "a relative path");
    }

    #[test]
    fn hosts_of_registries_are_found_even_in_lock_files() {
        assert_eq!(found("ui/package-lock.json", &format!("\"https://{}/x\"", HOSTS[0])).len(), 1);
    }

    #[test]
    fn tauri_is_imported_through_one_door() {
        let line = format!("import {{ invoke }} from '{TAURI}/api/core';\n");
        assert_eq!(found("ui/src/state/feed.ts", &line).len(), 1);
        assert_eq!(found("ui/src/platform/tauri/bridge.ts", &line).len(), 0);
        assert_eq!(found("ui/src/platform/tauri.ts", &line).len(), 0);
    }
}
