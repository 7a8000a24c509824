//! The local bus where the system has no Unix sockets: there is none.
//!
//! Invariant: the same names as in the real one, so that nobody else has to ask.

pub(crate) mod client {
    //! A connection that never comes.

    use std::path::PathBuf;

    use tokio::sync::mpsc;

    use crate::bus::{Event, Outgoing, Reconnect};

    pub(crate) async fn run(
        _socket: PathBuf,
        _topics: Vec<String>,
        _outgoing: mpsc::Receiver<Outgoing>,
        events: mpsc::Sender<Event>,
        _reconnect: Reconnect,
    ) {
        let why = "there is no local bus on this system".to_owned();
        // Whoever listened is gone, and will end this.
        let _ = events.send(Event::Down(why)).await;
        std::future::pending::<()>().await;
    }

    pub(crate) fn fits(_message: &Outgoing) -> bool {
        true
    }
}

pub(crate) mod host {
    //! A host that never is one.

    use std::path::PathBuf;

    use tokio::sync::watch;

    /// Whether this process hosts.
    #[derive(Debug, Clone, Default, PartialEq, Eq)]
    #[allow(dead_code, reason = "only `No` comes up here")]
    pub(crate) enum Hosting {
        #[default]
        No,
        Yes,
        Cannot(String),
    }

    pub(crate) async fn run(_socket: PathBuf, tell: watch::Sender<Hosting>) {
        std::future::pending::<()>().await;
        drop(tell);
    }
}
