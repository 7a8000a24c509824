//! Taking out of a text what is nobody's business but the person's: paths, names, addresses, secrets, titles.
//!
//! Invariant: what looks as if it might be one of them goes. A log that says too little is asked for again; one that
//! said too much cannot be taken back.

use std::sync::LazyLock;

use regex::{Captures, Regex};

/// Names of things in programs, which look like hosts.
const OURS: [&str; 4] = ["org.freedesktop.", "org.kde.", "org.a11y.", "dev.hearsay."];

/// A pattern, and what stands where it stood.
type Rule = (Option<Regex>, &'static str);

fn rule(pattern: &str, instead: &'static str) -> Rule {
    // Tests read them all.
    (Regex::new(pattern).ok(), instead)
}

/// Secrets, wherever they stand.
static SECRETS: LazyLock<Vec<Rule>> = LazyLock::new(|| {
    vec![
        rule(r"(?i)(authorization[\x22']?\s*[:=]).*", "$1 <secret>"),
        rule(r"(?i)\bbearer\s+\S+", "<secret>"),
        rule(
            r"(?i)((?:token|passw(?:or)?d|passphrase|secret|api[_-]?key|credentials?)\w*[\x22']?\s*[:=]\s*)(?:\x22[^\x22]*\x22|'[^']*'|[^\s&]+)",
            "$1<secret>",
        ),
        rule(r"(?i)([a-z][a-z0-9+.-]*://)[^\s/@]*@", "$1<secret>@"),
        rule(r"[A-Za-z0-9_+=-]{40,}", "<hidden>"),
    ]
});

/// Places: files, hosts, addresses of people.
static PLACES: LazyLock<Vec<Rule>> = LazyLock::new(|| {
    vec![
        rule(r"(?i)[a-z][a-z0-9+.-]*://\S+", "<address>"),
        rule(r"[^\s\x22'<>(]+@[^\s\x22')]+", "<address>"),
        rule(r"\x22[^\x22]*[/\\][^\x22]*\x22", "<path>"),
        rule(r"'[^']*[/\\][^']*'", "<path>"),
        // A path may have blanks inside: what lies between the first and the last of its separators goes.
        rule(r"[^\s\x22'(=]*[/\\](?:[^\x22']*[/\\])?[^\s\x22',;:)]*", "<path>"),
        rule(r"\b\d{1,3}(?:\.\d{1,3}){3}(?::\d+)?", "<address>"),
        rule(r"(?i)\[?\b(?:[0-9a-f]{1,4}:){3,}[0-9a-f:]*\]?|\[?::1\]?", "<address>"),
    ]
});

static HOST: LazyLock<Option<Regex>> = LazyLock::new(|| {
    Regex::new(
        r"(?i)\b[a-z0-9][\w-]*(?:\.[\w-]+)*\.[a-z][\w-]*(?::\d{1,5})\b|\b[a-z][\w-]*(?:\.[a-z][\w-]*){2,}\b",
    )
    .ok()
});

/// Takes out what is private.
#[derive(Debug, Default)]
pub(crate) struct Scrub {
    /// What is known to be private, the longest first, and what stands where it stood.
    known: Vec<(String, &'static str)>,
}

impl Scrub {
    /// `word` is private, and `instead` stands where it stood. Too short a word stands in every other one.
    pub(crate) fn add(&mut self, word: &str, instead: &'static str) {
        if word.chars().count() >= 3 {
            self.known.push((word.to_owned(), instead));
            self.known.sort_by_key(|(word, _)| std::cmp::Reverse(word.len()));
        }
    }

    /// The same, with many at once.
    pub(crate) fn add_all(&mut self, words: impl Iterator<Item = String>, instead: &'static str) {
        self.known.extend(words.filter(|word| word.chars().count() >= 3).map(|word| (word, instead)));
        self.known.sort_by_key(|(word, _)| std::cmp::Reverse(word.len()));
    }

    /// The text without secrets and what is known to be private.
    pub(crate) fn lightly(&self, text: &str) -> String {
        let mut text = text.to_owned();
        for (word, instead) in &self.known {
            if text.contains(word) {
                text = text.replace(word, instead);
            }
        }
        text.lines().map(|line| with(&SECRETS, line)).collect::<Vec<_>>().join("\n")
    }

    /// The text without anything that may be private.
    pub(crate) fn fully(&self, text: &str) -> String {
        let lightly = self.lightly(text);
        let lines = lightly.lines().map(|line| hosts(&with(&PLACES, line)));
        lines.collect::<Vec<_>>().join("\n")
    }
}

fn with(rules: &[Rule], line: &str) -> String {
    let mut line = line.to_owned();
    for (pattern, instead) in rules {
        line = match pattern {
            Some(pattern) => pattern.replace_all(&line, *instead).into_owned(),
            None => "<hidden>".to_owned(),
        };
    }
    line
}

fn hosts(line: &str) -> String {
    let Some(pattern) = HOST.as_ref() else { return "<hidden>".to_owned() };
    let host = |found: &Captures<'_>| {
        let found = &found[0];
        let is_ours = OURS.iter().any(|ours| found.starts_with(ours)) || found.contains(".rs:");
        if is_ours { found.to_owned() } else { "<address>".to_owned() }
    };
    pattern.replace_all(line, host).into_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_pattern_is_one() {
        assert!(SECRETS.iter().chain(PLACES.iter()).all(|(pattern, _)| pattern.is_some()));
        assert!(HOST.is_some());
    }

    #[test]
    fn what_may_be_private_goes_and_the_rest_stays() {
        let mut scrub = Scrub::default();
        scrub.add("/home/ada", "~");
        scrub.add("ada", "<person>");
        for (text, left) in [
            ("cannot read /srv/Some Big Client/x.json: denied", "cannot read <path>: denied"),
            (r"at C:\Users\Ada\repo and \\server\share", "at <path>"),
            (r#"root="/srv/a b/c" n=3"#, "root=<path> n=3"),
            ("password=hunter2 token: 'a b' x", "password=<secret> token: <secret> x"),
            ("Authorization: Basic YWRhOmE=", "Authorization: <secret>"),
            ("to mqtts://me:pw@broker.example:8883/t", "to <address>"),
            ("no broker at broker.corp.example", "no broker at <address>"),
            ("10.1.2.3:1883 and fe80:0:0:1::2 and host.lan:1883", "<address> and <address> and <address>"),
            ("mail grace@example.org", "mail <address>"),
            (
                "2026-11-21T22:48:27.123Z  WARN hearsay_live::owner: x",
                "2026-11-21T22:48:27.123Z  WARN hearsay_live::owner: x",
            ),
            (
                "org.freedesktop.Notifications at owner.rs:174",
                "org.freedesktop.Notifications at owner.rs:174",
            ),
            (r#"a panic place="src::crash::mod.rs:17""#, r#"a panic place="src::crash::mod.rs:17""#),
            ("ghp_0123456789012345678901234567890123456789", "<hidden>"),
        ] {
            assert_eq!(scrub.fully(text), left);
        }
        assert_eq!(scrub.lightly("in /home/ada/x by ada"), "in ~/x by <person>");
    }
}
