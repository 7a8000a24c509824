//! Where a project has its configuration, and with it the directory that the programs it names run in.
//!
//! Not here: which programs these are (`hearsay_board::config`), and running them.

use std::path::PathBuf;
use std::sync::Arc;
use std::time::SystemTime;

use hearsay_board::Config;

use crate::committed::Committed;
use crate::configuration::Source;
use crate::discovery::Repository;
use crate::layout::Layout;

/// The directory of the configuration that the project with that label comes from, if there is such a project now.
pub fn workplace(repository: &Repository, project: &str, now: SystemTime) -> Option<PathBuf> {
    let repository = repository.again();
    let committed = Committed::open(&repository.root).ok();
    let source = Source { root: &repository.root, committed: committed.as_ref(), now };
    let (layout, _) = Layout::read(&repository, source);
    // Each configuration gives its projects in a row, all of them with the one that it is.
    let mut configs: Vec<&Arc<Config>> = Vec::new();
    for one in &layout.projects {
        if configs.last().is_none_or(|last| !Arc::ptr_eq(last, &one.config)) {
            configs.push(&one.config);
        }
        if *one.label == *project {
            return repository.configs.get(configs.len() - 1).cloned();
        }
    }
    None
}
