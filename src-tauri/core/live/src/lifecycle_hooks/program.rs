//! One hook as a process: started, told, heard, ended.
//!
//! Not here: which hook, and what comes of its failure (`mod`).
//!
//! Invariants:
//! - No shell stands between: the words of the command are the program and its arguments.
//! - Nothing is left of it after its time but what has left its process group.
//! - What it says is kept up to a bound, and read beyond that so that it need not wait.

use std::collections::BTreeMap;
use std::future::Future;
use std::path::Path;
use std::process::{ExitStatus, Stdio};
use std::time::Duration;

use hearsay_board::config::Hook;
use tokio::io::{AsyncRead, AsyncReadExt, AsyncWriteExt};
use tokio::process::{Child, Command};

/// What is kept of what a hook says, in bytes.
const MOST_SAID: usize = 16 * 1024;

/// What a hook runs in.
#[derive(Debug, Clone)]
pub(super) struct Setting<'a> {
    /// The directory of the configuration.
    pub(super) root: &'a Path,
    /// The environment, all of it.
    pub(super) environment: &'a BTreeMap<String, String>,
}

/// Runs `hook` with `told` on its standard input, until it ends, its time is over, or `closed` comes to an end. Answers
/// why it failed, where it did.
pub(super) fn run(
    hook: &Hook,
    setting: &Setting<'_>,
    told: &[u8],
    closed: impl Future<Output = ()>,
) -> Result<(), String> {
    let Some(command) = command(hook, setting) else { return Err("command is empty".to_owned()) };
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build();
    let runtime = runtime.map_err(|error| error.to_string())?;
    runtime.block_on(work(command, told, Duration::from_millis(hook.timeout_ms), closed))
}

fn command(hook: &Hook, setting: &Setting<'_>) -> Option<Command> {
    let (program, arguments) = hook.command.split_first()?;
    let mut command = Command::new(program);
    command
        .args(arguments)
        .current_dir(hook.cwd.as_ref().map_or_else(|| setting.root.to_owned(), |cwd| setting.root.join(cwd)))
        .env_clear()
        .envs(setting.environment)
        .envs(&hook.env)
        .stdin(Stdio::piped())
        .stdout(Stdio::null())
        .stderr(Stdio::piped())
        .kill_on_drop(true);
    #[cfg(unix)]
    command.process_group(0);
    Some(command)
}

async fn work(
    mut command: Command,
    told: &[u8],
    limit: Duration,
    closed: impl Future<Output = ()>,
) -> Result<(), String> {
    let mut child = command.spawn().map_err(|error| error.to_string())?;
    let group = child.id();
    let (stdin, stderr) = (child.stdin.take(), child.stderr.take());
    let tell = async {
        if let Some(mut stdin) = stdin {
            // Whoever does not listen has not failed by that.
            let _ = stdin.write_all(told).await;
        }
        // What it does not read keeps nobody waiting.
        std::future::pending::<()>().await;
    };
    let run = async { tokio::join!(said(stderr), child.wait()) };
    let ended = tokio::select! {
        ended = tokio::time::timeout(limit, run) => ended.map_err(|_late| timed_out(limit)),
        () = tell => Err(timed_out(limit)),
        () = closed => Err("the repository has been closed".to_owned()),
    };
    match ended {
        Ok((said, status)) => verdict(&said, status.map_err(|error| error.to_string())?),
        Err(why) => {
            end(&mut child, group).await;
            Err(why)
        }
    }
}

fn timed_out(limit: Duration) -> String {
    format!("timed out after {}ms", limit.as_millis())
}

fn verdict(said: &str, status: ExitStatus) -> Result<(), String> {
    if status.success() {
        return Ok(());
    }
    if !said.is_empty() {
        return Err(said.to_owned());
    }
    #[cfg(unix)]
    let code = status.code().or_else(|| {
        // As Python says it.
        std::os::unix::process::ExitStatusExt::signal(&status).map(|signal| -signal)
    });
    #[cfg(not(unix))]
    let code = status.code();
    Err(code.map_or_else(|| status.to_string(), |code| format!("exit code {code}")))
}

/// Ends it and its group.
async fn end(child: &mut Child, group: Option<u32>) {
    #[cfg(unix)]
    {
        let group = group.and_then(|group| rustix::process::Pid::from_raw(i32::try_from(group).ok()?));
        if let Some(group) = group {
            // A group that is gone is as good.
            let _ = rustix::process::kill_process_group(group, rustix::process::Signal::KILL);
        }
    }
    #[cfg(not(unix))]
    let _ = group;
    if let Err(error) = child.kill().await {
        tracing::debug!(%error, "a hook did not end");
    }
}

/// What it says on standard error, without what a terminal or a person would take for something else.
async fn said(stderr: Option<impl AsyncRead + Unpin>) -> String {
    let Some(mut stderr) = stderr else { return String::new() };
    let (mut said, mut bytes) = (Vec::new(), [0; 4096]);
    // What cannot be read any more is the end of it.
    while let Ok(count @ 1..) = stderr.read(&mut bytes).await {
        let room = MOST_SAID - said.len();
        said.extend_from_slice(&bytes[..count.min(room)]);
    }
    let text = String::from_utf8_lossy(&said);
    let lines: Vec<String> = text.trim().lines().map(plain).collect();
    lines.join("\n")
}

fn plain(line: &str) -> String {
    let seen =
        |c: char| if c.is_control() && c != '\t' { c.escape_default().to_string() } else { c.to_string() };
    line.chars().map(seen).collect()
}

#[cfg(unix)]
#[cfg(test)]
mod tests {
    use std::time::Instant;

    use super::*;

    fn hook(script: &str) -> Hook {
        Hook {
            before: true,
            event: "issue.update".to_owned(),
            id: "h".to_owned(),
            command: ["sh", "-c", script].map(str::to_owned).to_vec(),
            blocking: true,
            timeout_ms: 60_000,
            cwd: None,
            env: BTreeMap::new(),
        }
    }

    fn environment() -> BTreeMap<String, String> {
        [("PATH".to_owned(), std::env::var("PATH").unwrap())].into()
    }

    fn tried(hook: &Hook, told: &[u8]) -> Result<(), String> {
        let dir = tempfile::tempdir().unwrap();
        let setting = Setting { root: dir.path(), environment: &environment() };
        run(hook, &setting, told, std::future::pending())
    }

    #[test]
    fn a_hook_that_fails_says_why() {
        assert_eq!(tried(&hook("cat >/dev/null"), b"x"), Ok(()));
        assert_eq!(tried(&hook("exit 3"), b""), Err("exit code 3".to_owned()));
        assert_eq!(tried(&hook("kill -9 $$"), b""), Err("exit code -9".to_owned()));
        let said = "a\nb\\u{1b}[2K".to_owned();
        assert_eq!(tried(&hook("printf '\\n a\\nb\\033[2K \\n' >&2; exit 1"), b""), Err(said));
        assert_eq!(tried(&hook("echo warning >&2"), b""), Ok(()));
        let missing = Hook { command: vec!["no-such-program".to_owned()], ..hook("") };
        assert!(tried(&missing, b"").unwrap_err().contains("No such file"));
        assert_eq!(tried(&Hook { command: Vec::new(), ..hook("") }, b""), Err("command is empty".to_owned()));
    }

    #[test]
    fn a_hook_that_says_much_is_read_to_its_end_and_kept_up_to_a_bound() {
        let said = tried(&hook("yes no | head -c 4000000 >&2; exit 1"), b"").unwrap_err();
        assert!(said.len() <= MOST_SAID && said.starts_with("no\nno"), "{} bytes", said.len());
    }

    #[test]
    fn a_hook_that_takes_too_long_is_ended_with_all_that_it_started() {
        let dir = tempfile::tempdir().unwrap();
        let setting = Setting { root: dir.path(), environment: &environment() };
        // All of them hold the lock for as long as they live.
        let script = "exec 9>lock; flock 9; sleep 600 & sleep 600";
        let slow = Hook { timeout_ms: 300, ..hook(script) };
        let large = vec![b' '; 4 << 20];
        let started = Instant::now();
        let ended = run(&slow, &setting, &large, std::future::pending());
        assert_eq!(ended, Err("timed out after 300ms".to_owned()));
        assert!(started.elapsed() < Duration::from_secs(300));
        let lock = std::fs::File::open(dir.path().join("lock")).unwrap();
        while lock.try_lock().is_err() {
            assert!(started.elapsed() < Duration::from_secs(300), "something is left");
            std::thread::yield_now();
        }
    }

    #[test]
    fn a_hook_whose_child_goes_on_speaking_takes_too_long() {
        let slow = Hook { timeout_ms: 300, ..hook("sleep 600 & exit 0") };
        assert_eq!(tried(&slow, b""), Err("timed out after 300ms".to_owned()));
    }

    #[test]
    fn a_hook_ends_with_the_repository() {
        let dir = tempfile::tempdir().unwrap();
        let setting = Setting { root: dir.path(), environment: &environment() };
        let ended = run(&hook("sleep 600"), &setting, b"", std::future::ready(()));
        assert_eq!(ended, Err("the repository has been closed".to_owned()));
    }

    #[test]
    fn a_hook_gets_the_environment_that_it_is_given_and_nothing_else() {
        let dir = tempfile::tempdir().unwrap();
        let setting = Setting { root: dir.path(), environment: &environment() };
        std::fs::create_dir(dir.path().join("sub")).unwrap();
        let env = [("GATE".to_owned(), "1 2".to_owned())].into();
        let hook = Hook { cwd: Some("sub".to_owned()), env, ..hook("env >../seen; pwd >>../seen") };
        run(&hook, &setting, b"", std::future::pending()).unwrap();
        let seen = std::fs::read_to_string(dir.path().join("seen")).unwrap();
        let names: Vec<&str> =
            seen.lines().filter_map(|line| line.split_once('=')).map(|(name, _)| name).collect();
        assert!(seen.contains("GATE=1 2\n") && seen.contains("/sub\n"), "{seen}");
        assert!(
            names.iter().all(|name| ["PATH", "GATE", "PWD", "SHLVL", "_", "OLDPWD"].contains(name)),
            "{seen}"
        );
    }
}
