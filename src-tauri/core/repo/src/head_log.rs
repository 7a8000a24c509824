//! HEAD's log: by what HEAD has come where it stands.
//!
//! The format is Git's own: `<old> <new> <who> <when>\t<why>`, a line a move. Not here: where HEAD stands (`committed`).

use std::fs::File;
use std::io::{self, Read, Seek, SeekFrom};
use std::path::Path;

/// How much of it is read, in bytes: its last hundred moves or so.
const TAIL: u64 = 16 * 1024;
/// How Git begins the reason of a commit, of an amended one, and of one that ends a merge.
const COMMIT: &str = "commit";

/// Whether HEAD has come from `old` to `new` by commits alone, as the log in the Git directory `git` has it; `None` where
/// that tells nothing of it. `old` is `None` where there was no commit.
pub(crate) fn came_by_commits(git: &Path, old: Option<&str>, new: &str) -> Option<bool> {
    // Where Git keeps no log, or elsewhere, there is nothing to read.
    let text = tail(&git.join("logs").join("HEAD")).ok()?;
    let mut expected = new;
    for line in text.lines().rev() {
        let (ids, why) = line.split_once('\t')?;
        let mut ids = ids.split(' ');
        let (from, to) = (ids.next()?, ids.next()?);
        if to != expected {
            return None;
        }
        if !why.starts_with(COMMIT) {
            return Some(false);
        }
        if old.is_none_or(|old| old == from) {
            return Some(true);
        }
        expected = from;
    }
    None
}

fn tail(path: &Path) -> io::Result<String> {
    let mut file = File::open(path)?;
    let size = file.metadata()?.len();
    file.seek(SeekFrom::Start(size.saturating_sub(TAIL)))?;
    let mut bytes = Vec::new();
    file.take(TAIL).read_to_end(&mut bytes)?;
    Ok(String::from_utf8_lossy(&bytes).into_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn line(from: &str, to: &str, why: &str) -> String {
        format!("{from} {to} Ann <ann@example.org> 1700000000 +0100\t{why}\n")
    }

    #[test]
    fn commits_are_told_from_all_else_that_moves_head() {
        let git = tempfile::tempdir().unwrap();
        let came = |old, new| came_by_commits(git.path(), old, new);
        assert_eq!(came(None, "a"), None, "no log");
        std::fs::create_dir(git.path().join("logs")).unwrap();
        let lines = [
            line("0", "a", "commit (initial): one"),
            line("a", "b", "commit: two"),
            line("b", "c", "commit (amend): two"),
            line("c", "d", "checkout: moving from main to other"),
            line("d", "e", "commit: three"),
        ];
        let write = |lines: &[String]| std::fs::write(git.path().join("logs/HEAD"), lines.concat()).unwrap();
        write(&lines[..3]);
        assert_eq!(came(None, "c"), Some(true));
        assert_eq!(came(Some("a"), "c"), Some(true));
        assert_eq!(came(Some("a"), "x"), None, "the log is behind");
        write(&lines);
        assert_eq!(came(Some("d"), "e"), Some(true));
        assert_eq!(came(Some("b"), "e"), Some(false), "one of them was a checkout");
        std::fs::write(git.path().join("logs/HEAD"), [0xff; 100]).unwrap();
        assert_eq!(came(Some("d"), "e"), None);
    }
}
