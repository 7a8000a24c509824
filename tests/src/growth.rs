//! Projects of any size: real issues re-keyed, each with events, committed. The same arguments give the same bytes.

use std::collections::HashMap;
use std::fs;
use std::io::{BufWriter, Write};
use std::path::Path;
use std::process::{Command, Stdio};

use anyhow::{Context as _, Result, ensure};
use hearsay_board::Document;
use serde_json::{Value, json};

use crate::machine::isolated;
use crate::record::Issue;

/// Issues to make more of, and the configuration they stand under.
#[derive(Debug)]
pub struct Stock {
    config: String,
    key: String,
    issues: Vec<(String, Document)>,
}

impl Stock {
    /// Reads the project at `path`, a directory or a `.tar.gz`.
    ///
    /// # Errors
    /// Where there is none.
    pub fn read(path: &Path) -> Result<Self> {
        if path.is_dir() {
            return Self::read_dir(path);
        }
        let dir = tempfile::tempdir()?;
        let unpacked = Command::new("tar").arg("xzf").arg(path).arg("-C").arg(dir.path()).status()?;
        ensure!(unpacked.success(), "{} cannot be unpacked", path.display());
        Self::read_dir(dir.path())
    }

    fn read_dir(dir: &Path) -> Result<Self> {
        let config = fs::read_to_string(dir.join(".kanbus.yml")).context("the project's .kanbus.yml")?;
        let key = config.lines().find_map(|line| line.strip_prefix("project_key:"));
        let key = key.map_or_else(|| "demo".to_owned(), |key| key.trim().to_owned());
        let mut paths: Vec<_> = fs::read_dir(dir.join("project/issues"))?
            .flatten()
            .map(|entry| entry.path())
            .filter(|path| path.extension().is_some_and(|extension| extension == "json"))
            .collect();
        paths.sort();
        let mut issues = Vec::with_capacity(paths.len());
        for path in paths {
            let document = Document::parse(fs::read(&path)?).with_context(|| path.display().to_string())?;
            let id = path.file_stem().unwrap_or_default().to_string_lossy().into_owned();
            issues.push((id, document));
        }
        ensure!(!issues.is_empty(), "{} holds no issue", dir.display());
        Ok(Self { config, key, issues })
    }

    /// Issues made up, as many as the real project has, where that is not on this machine.
    ///
    /// # Errors
    /// Never: what is made up can be parsed.
    pub fn made_up() -> Result<Self> {
        let mut issues = Vec::new();
        for at in 0..654 {
            let mut issue =
                Issue::new(&format!("demo-{at}"), &format!("Made up issue number {at} of the stock"));
            issue.status = ["open", "in_progress", "blocked", "closed"][at % 4].to_owned();
            issue.parent = (at % 5 > 0).then(|| format!("demo-{}", at - at % 5));
            issue.description = "A sentence that stands for many others. ".repeat(at % 60);
            issue.comments = (0..at % 4).map(|turn| format!("Comment {turn}: it goes on.")).collect();
            issues.push((issue.id.clone(), Document::parse(issue.text().into_bytes())?));
        }
        Ok(Self { config: crate::project::CONFIG.to_owned(), key: "demo".to_owned(), issues })
    }

    /// How many different issues there are.
    pub fn len(&self) -> usize {
        self.issues.len()
    }

    /// Whether there are none.
    pub fn is_empty(&self) -> bool {
        self.issues.is_empty()
    }

    /// Grows a repository of `count` issues at `root`, each with `events` event files, in one commit. `progress` hears
    /// how many issues there are.
    ///
    /// # Errors
    /// Where the disk or git fails.
    pub fn grow(&self, root: &Path, count: usize, events: usize, progress: &dyn Fn(usize)) -> Result<()> {
        for dir in ["project/issues", "project/events"] {
            fs::create_dir_all(root.join(dir))?;
        }
        let mut git = Import::start(root)?;
        git.add(".kanbus.yml", &self.config)?;
        git.add(".gitignore", "project/.overlay/\n")?;
        let (mut made, mut turn, mut chance) = (0, 0, Chance(7));
        while made < count {
            let renamed: HashMap<&str, String> = self
                .issues
                .iter()
                .map(|(id, _)| (id.as_str(), format!("{}-{}", self.key, chance.uuid())))
                .collect();
            for (id, document) in self.issues.iter().take(count - made) {
                let copy = rekeyed(document, &renamed[id.as_str()], &renamed, turn)?;
                git.add(&format!("project/issues/{}.json", renamed[id.as_str()]), copy.text())?;
                for number in 0..events {
                    let (path, text) = event(&copy, &renamed[id.as_str()], number, &mut chance);
                    git.add(&path, &text)?;
                }
                made += 1;
                if made % 1000 == 0 {
                    progress(made);
                }
            }
            turn += 1;
        }
        git.finish()
    }
}

/// The issue under another id, its links with it.
fn rekeyed(document: &Document, id: &str, renamed: &HashMap<&str, String>, turn: usize) -> Result<Document> {
    let value = |key: &str| {
        document.get(key).map_or(Value::Null, |text| serde_json::from_str(text).unwrap_or_default())
    };
    let other =
        |id: &Value| id.as_str().and_then(|id| renamed.get(id)).map_or_else(|| id.clone(), |id| json!(id));
    let mut dependencies = value("dependencies");
    for dependency in dependencies.as_array_mut().into_iter().flatten() {
        dependency["target"] = other(&dependency["target"]);
    }
    let mut copy = document.clone();
    copy.replace("id", &id)?;
    copy.replace("parent", &other(&value("parent")))?;
    copy.replace("dependencies", &dependencies)?;
    if turn > 0 {
        copy.replace("title", &format!("{} #{turn}", value("title").as_str().unwrap_or_default()))?;
    }
    Ok(copy)
}

/// An event of the issue: its creation, a move, a comment, and so on, each later than the one before.
fn event(issue: &Document, id: &str, number: usize, chance: &mut Chance) -> (String, String) {
    let value =
        |key: &str| issue.get(key).map_or(Value::Null, |text| serde_json::from_str(text).unwrap_or_default());
    let (kind, payload) = match number {
        0 => {
            let keys = ["title", "description", "status", "priority", "assignee", "parent", "labels"];
            let mut payload: serde_json::Map<String, Value> =
                keys.iter().map(|key| ((*key).to_owned(), value(key))).collect();
            payload.insert("issue_type".to_owned(), value("type"));
            ("issue_created", Value::Object(payload))
        }
        number if number % 2 == 1 => {
            ("state_transition", json!({"from_status": "open", "to_status": value("status")}))
        }
        _ => ("comment_added", json!({"comment_id": chance.uuid(), "comment_author": "codex-1"})),
    };
    let (month, day, hour) =
        (1 + chance.below(12), 1 + chance.below(28), (8 * number as u64 + chance.below(8)) % 24);
    let (minute, second, milli) = (chance.below(60), chance.below(60), chance.below(1000));
    let at = format!("2026-{month:02}-{day:02}T{hour:02}:{minute:02}:{second:02}.{milli:03}Z");
    let actor = ["alice", "bob", "codex-1", "codex-2", "claude-3"][chance.below(5) as usize];
    let event_id = chance.uuid();
    let record = json!({
        "schema_version": 1, "event_id": event_id, "issue_id": id, "event_type": kind, "occurred_at": at,
        "actor_id": actor, "payload": payload,
    });
    (format!("project/events/{}__{event_id}.json", at.replace(':', "-")), format!("{record:#}"))
}

/// Files that are written and committed at once: `git fast-import` packs while the disk works.
struct Import<'a> {
    root: &'a Path,
    child: std::process::Child,
    input: BufWriter<std::process::ChildStdin>,
}

impl<'a> Import<'a> {
    fn start(root: &'a Path) -> Result<Self> {
        run(root, &["init", "-q", "-b", "main"])?;
        let mut command = isolated("git", root);
        command.args(["-c", "core.compression=1", "-c", "core.fsync=none", "fast-import", "--quiet"]);
        let mut child = command.current_dir(root).stdin(Stdio::piped()).spawn()?;
        let mut input = BufWriter::with_capacity(1 << 20, child.stdin.take().context("a pipe to git")?);
        write!(
            input,
            "commit refs/heads/main\ncommitter Ada <ada@example.invalid> 1777852800 +0000\ndata 5\ngrown\n"
        )?;
        Ok(Self { root, child, input })
    }

    fn add(&mut self, path: &str, text: &str) -> Result<()> {
        fs::write(self.root.join(path), text)?;
        write!(self.input, "M 100644 inline {path}\ndata {}\n{text}\n", text.len())?;
        Ok(())
    }

    fn finish(mut self) -> Result<()> {
        self.input.flush()?;
        drop(self.input);
        ensure!(self.child.wait()?.success(), "git fast-import failed");
        run(self.root, &["read-tree", "HEAD"])
    }
}

fn run(root: &Path, arguments: &[&str]) -> Result<()> {
    let status = isolated("git", root).args(arguments).current_dir(root).status()?;
    ensure!(status.success(), "git {} failed", arguments.join(" "));
    Ok(())
}

/// Numbers that look random and are the same each time (SplitMix64).
#[derive(Debug, Clone)]
pub struct Chance(pub u64);

impl Chance {
    /// The next number.
    pub fn number(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut z = self.0;
        z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        z ^ (z >> 31)
    }

    /// A number below `limit`.
    pub fn below(&mut self, limit: u64) -> u64 {
        self.number() % limit
    }

    fn uuid(&mut self) -> String {
        let (high, low) = (self.number(), self.number());
        format!(
            "{:08x}-{:04x}-4{:03x}-{:04x}-{:012x}",
            high >> 32,
            (high >> 16) & 0xffff,
            high & 0xfff,
            0x8000 | (low >> 48 & 0x3fff),
            low & 0xffff_ffff_ffff
        )
    }
}
