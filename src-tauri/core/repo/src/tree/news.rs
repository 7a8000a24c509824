//! What has happened in a working tree, beside what is so in it.
//!
//! Not here: what is news (`crate::news`), and reading files (`super`).

use hearsay_board::{Observation, Place};

use super::WorkingTree;
use crate::news::News;

impl WorkingTree {
    /// What has happened since this was asked last: what Git did first.
    pub(crate) fn take_news(&mut self) -> Vec<News> {
        let mut news = std::mem::take(&mut self.news);
        news.extend(self.homes.iter_mut().flat_map(|(_, events)| events.take_news()));
        news
    }

    /// Whether Git holds its index at this moment.
    pub(crate) fn is_index_held(&self) -> bool {
        self.committed.as_ref().is_some_and(|committed| committed.index_lock().exists())
    }

    /// Tells of which issues Git has made the files what they are: what it holds of them it had before, and only it
    /// removes files while it holds its index.
    pub(super) fn tell_what_git_made(&mut self, out: &[Observation]) {
        let Some(committed) = &self.committed else { return };
        let folder =
            |place: &Place| self.homes.iter().map(|(folder, _)| folder).find(|one| one.home.place == *place);
        for observation in out {
            let (place, id, is_gits) = match observation {
                Observation::Issue { id, holder } => {
                    let blob = folder(&holder.place).and_then(|folder| folder.blob(&format!("{id}.json")));
                    (&holder.place, id, blob.is_some_and(|blob| committed.has(blob)))
                }
                Observation::Gone { id, place } => (place, id, true),
                _ => continue,
            };
            if is_gits {
                self.news.push(News::ByGit { place: place.clone(), id: id.clone() });
            }
        }
    }
}
