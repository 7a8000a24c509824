//! The configuration of one project, for who is about to write: where it lies, which is where the programs it names run,
//! and whether it can be read as it stands.
//!
//! Not here: what it says (`hearsay_board::config`), and running programs.

use std::path::PathBuf;
use std::sync::Arc;
use std::time::SystemTime;

use hearsay_board::Config;

use crate::committed::Committed;
use crate::configuration::Source;
use crate::discovery::Repository;
use crate::error::RepoError;
use crate::layout::Layout;

/// Whether the configuration of the project with that label can be read as it stands in the working tree. What stands in
/// for it on the board may lack what it refuses.
///
/// # Errors
/// Where it cannot, or there is no such project any more.
pub fn stands(repository: &Repository, project: &str, now: SystemTime) -> Result<(), RepoError> {
    let (_, layout) = laid_out(repository, now);
    let known = layout.projects.into_iter().find(|known| *known.label == *project);
    let gone = || Arc::from(format!("there is no project {project} any more"));
    match known.map(|known| known.broken) {
        Some(None) => Ok(()),
        Some(Some(why)) => Err(RepoError::BrokenConfig { why }),
        None => Err(RepoError::BrokenConfig { why: gone() }),
    }
}

/// The directory of the configuration that the project with that label comes from, if there is such a project now.
pub fn workplace(repository: &Repository, project: &str, now: SystemTime) -> Option<PathBuf> {
    let (repository, layout) = laid_out(repository, now);
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

/// What the configurations come to now.
pub(crate) fn laid_out(repository: &Repository, now: SystemTime) -> (Repository, Layout) {
    let repository = repository.again();
    let committed = Committed::open(&repository.root).ok();
    let source = Source { root: &repository.root, committed: committed.as_ref(), now };
    let (layout, _) = Layout::read(&repository, source);
    (repository, layout)
}
