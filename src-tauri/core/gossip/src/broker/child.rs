//! A broker that we started.
//!
//! Not here: which program, and with what arguments (`mosquitto`, `autostart`).
//!
//! Invariant: unless it was asked to outlive us, it ends when this is dropped, and its announcement goes with it.

use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::time::Duration;

use tokio::time::{Instant, sleep};

use super::announcement;

/// How long a broker may take until it answers.
const PATIENCE: Duration = Duration::from_secs(5);

/// A broker that we started.
#[derive(Debug)]
pub struct Started {
    child: Child,
    endpoint: String,
    run_dir: PathBuf,
    keepalive: bool,
}

impl Started {
    /// Its URL.
    pub fn endpoint(&self) -> &str {
        &self.endpoint
    }

    /// Its process.
    pub fn pid(&self) -> u32 {
        self.child.id()
    }

    /// Whether it has ended by itself, so that another may be started.
    pub fn has_ended(&mut self) -> bool {
        // Nothing can be known of it any more: as good as ended.
        !matches!(self.child.try_wait(), Ok(None))
    }

    /// Starts `command`, which is to listen at `port` of this machine.
    pub(super) fn spawn(
        mut command: Command,
        port: u16,
        run_dir: &Path,
        keepalive: bool,
    ) -> std::io::Result<Self> {
        command.stdout(Stdio::null()).stderr(Stdio::null());
        // A broker that reads its standard input to the end knows when we are gone, however we went.
        command.stdin(if keepalive { Stdio::null() } else { Stdio::piped() });
        #[cfg(unix)]
        if keepalive {
            // What interrupts us in a terminal must not end what is to outlive us.
            std::os::unix::process::CommandExt::process_group(&mut command, 0);
        }
        let endpoint = format!("mqtt://127.0.0.1:{port}");
        // Until it has come up it is ended with whoever waits for it.
        Ok(Self { child: command.spawn()?, endpoint, run_dir: run_dir.to_owned(), keepalive: false })
    }

    /// It has come up. Where `keepalive`, it now outlives us.
    pub(super) fn settle(mut self, keepalive: bool) -> Self {
        self.keepalive = keepalive;
        self
    }

    /// Waits until it is a broker at `port`; `false` where it ended or does not come to it.
    pub(super) async fn comes_up(&mut self, port: u16) -> bool {
        let deadline = Instant::now() + PATIENCE;
        loop {
            let answers = crate::mqtt::answers("127.0.0.1", port).await;
            if self.has_ended() {
                // Then it is somebody else who answers.
                return false;
            }
            if answers || Instant::now() >= deadline {
                return answers;
            }
            sleep(Duration::from_millis(10)).await;
        }
    }
}

impl Drop for Started {
    fn drop(&mut self) {
        let pid = self.pid();
        if self.keepalive && !self.has_ended() {
            return;
        }
        // It may have ended by itself, which is as good.
        if let Err(error) = self.child.kill().and_then(|()| self.child.wait()) {
            tracing::debug!(%error, "a broker did not end");
        }
        if let Err(error) = announcement::withdraw(&self.run_dir, pid) {
            tracing::debug!(%error, "the announcement of an ended broker stays");
        }
    }
}
