//! A follower of the library itself, in this very process: cheaper than one of the program, and open to its options.

use std::time::{Duration, SystemTime};

use hearsay_live::{Options, Subscription, Surroundings, Workspace, read_board};
use hearsay_tests::{Feed, Project};
use tokio::runtime::Runtime;

/// A subscription of a workspace in this very process.
pub(crate) struct Following {
    runtime: Runtime,
    subscription: Subscription,
    // Dropped last: it is what the subscription follows.
    _workspace: Workspace,
}

impl Following {
    pub(crate) fn open(project: &Project, options: Options) -> Self {
        let runtime = tokio::runtime::Builder::new_current_thread().enable_time().build().unwrap();
        let workspace = runtime.block_on(Workspace::open(project.root(), options, |_, _| ())).unwrap();
        let subscription = runtime.block_on(workspace.subscribe()).unwrap();
        Self { runtime, subscription, _workspace: workspace }
    }
}

impl Feed for Following {
    fn next(&mut self, patience: Duration) -> Option<String> {
        let next = async { tokio::time::timeout(patience, self.subscription.next()).await };
        let frame = self.runtime.block_on(next).ok()?;
        Some(frame.expect("the workspace is open").json.to_string())
    }
}

/// What a fresh reading in this process says.
pub(crate) fn fresh(project: &Project) -> String {
    let reading = read_board(project.root(), SystemTime::now, &Surroundings::default(), &|_, _| ()).unwrap();
    serde_json::to_string(&reading.board()).unwrap()
}
