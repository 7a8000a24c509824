//! Sees to it that there is a broker on this machine, where one is wanted.
//!
//! Not here: starting it (`broker::autostart`), and being its client (`mqtt`).
//!
//! Invariant: what was started ends with the link, unless it is to outlive us.

use std::ffi::OsString;
use std::time::{Duration, SystemTime};

use jiff::Timestamp;
use tokio::time::sleep;

use super::Programs;
use crate::broker::autostart::{Autostart, Found, Hear, ensure};
use crate::bus::Reconnect;
use crate::endpoint::Broker;

/// How often a broker that is there is looked for again.
const LOOK: Duration = Duration::from_secs(2);

/// Works until it is aborted.
pub(super) async fn keep(
    broker: Broker,
    programs: Programs,
    clock: fn() -> SystemTime,
    reconnect: Reconnect,
) {
    let Some(run_dir) = broker.run_dir.clone() else { return };
    let hear = programs.hear.map(|program| {
        let mut arguments: Vec<OsString> = vec!["broker".into()];
        arguments.extend((!broker.keepalive).then(|| "--until-stdin-ends".into()));
        arguments.push("--mqtt".into());
        Hear { program, arguments }
    });
    let autostart = Autostart { run_dir, path: programs.path, hear, keepalive: broker.keepalive };
    let mut said = None;
    loop {
        match ensure(&broker, &autostart, Timestamp::try_from(clock()).unwrap_or_default()).await {
            Ok(found) => {
                said = None;
                reconnect.try_now();
                stay(found).await;
            }
            Err(error) => {
                let why = error.to_string();
                if said.as_ref() != Some(&why) {
                    tracing::warn!(why, "no broker can be started");
                    said = Some(why);
                }
                sleep(LOOK).await;
            }
        }
    }
}

/// Waits while the broker may still be there.
async fn stay(found: Found) {
    let Found::Started(mut started) = found else { return sleep(LOOK).await };
    while !started.has_ended() {
        sleep(LOOK).await;
    }
}
