//! What is heard of the issues of a working tree, taken in, merged with their files, and written down.
//!
//! Not here: the entries themselves (`overlay`, `leases`).
//!
//! Invariants:
//! - Whatever touches an issue's file, its events or its entries merges it again, and nothing else does.
//! - A card keeps what is heard of it until it shows what is written: it is merged with the file that the board has,
//!   never with a newer one, and an event that has come a moment ago lets its file come after it (Git checks out
//!   `events/` first).

use std::collections::BTreeSet;
use std::path::PathBuf;
use std::sync::Arc;
use std::time::SystemTime;

use hearsay_board::overlay::Fields;
use hearsay_board::{Observation, Source};
use jiff::Timestamp;

use super::WorkingTree;
use crate::events::EventLog;
use crate::file;
use crate::folder::{Folder, PATIENCE};
use crate::hearing::Waiting;
use crate::layout::{Home, Layout};
use crate::leases::Leases;
use crate::overlay::shelf::{Shelf, coordination};
use crate::overlay::sweep::Swept;
use crate::overlay::{Around, BaseFile, Overlay, Overlays};
use crate::touched::Touched;

/// What is heard of the issues of one project.
#[derive(Debug)]
pub(super) struct Hearsay {
    pub(super) overlay: Overlay,
    pub(super) leases: Leases,
}

impl Hearsay {
    pub(super) fn new(home: &Home, overlays: Overlays) -> Self {
        Self {
            overlay: Overlay::new(home.clone(), overlays),
            leases: Leases::new(home.clone(), overlays.keeping),
        }
    }

    /// Forgets everything.
    pub(super) fn clear(&mut self, out: &mut Vec<Observation>) {
        self.overlay.clear(out);
        self.leases.clear(out);
    }
}

/// The files of one project: what merging looks at.
struct Files<'a> {
    homes: Vec<&'a (Folder, EventLog)>,
}

impl Files<'_> {
    fn happened(&self, event_id: &str) -> bool {
        self.homes.iter().any(|(_, events)| events.has(event_id))
    }

    /// The same, but a moment ago: what it tells may not be in the issue's file yet.
    fn just_happened(&self, event_id: &str, now: SystemTime) -> bool {
        self.homes.iter().any(|(_, events)| events.has_just_got(event_id, now))
    }

    /// The file of `id`: the shared one, else the local one. `None` where it may be half written, or is other than the
    /// board has it.
    fn base(&self, id: &str, now: SystemTime) -> Option<BaseFile> {
        let mut bytes = Vec::new();
        let name = format!("{id}.json");
        for (folder, _) in &self.homes {
            match file::read(&folder.home.issues().join(&name), &folder.home.dir, &mut bytes) {
                Ok(stamp) if !folder.knows(&name, &stamp) => return None,
                Ok(stamp) => {
                    let source = folder.home.place.source;
                    return match serde_json::from_slice::<Fields>(&bytes) {
                        Ok(fields) => Some(BaseFile::Found(fields, stamp.modified(), source)),
                        Err(_) if stamp.is_younger_than(PATIENCE, now) => None,
                        Err(_) => Some(BaseFile::Unreadable),
                    };
                }
                Err(unread) if unread.is_absent() && folder.has(id) => return None,
                Err(unread) if unread.is_absent() => {}
                Err(_unreadable) => return Some(BaseFile::Unreadable),
            }
        }
        Some(BaseFile::Absent)
    }
}

impl WorkingTree {
    /// Takes in what was heard, and says what comes of it. Answers what is to be looked at once more.
    pub fn hear(&mut self, waiting: Waiting, now: SystemTime, out: &mut Vec<Observation>) -> Touched {
        let mut news = BTreeSet::new();
        for ((project, id), entry) in waiting.issues {
            let has_file = self.has_file(&project, &id);
            if let Some(hearsay) = self.hearsay.get_mut(&project)
                && hearsay.overlay.hear(&id, has_file, entry)
            {
                news.insert((project, id));
            }
        }
        let issues = self.merge(news, now, out);
        self.hearsay.values_mut().for_each(|hearsay| hearsay.overlay.tell_other_trouble(out));
        let mut leased = BTreeSet::new();
        for (project, claim) in waiting.claims {
            if let Some(hearsay) = self.hearsay.get_mut(&project) {
                hearsay.leases.hear(claim);
                leased.insert(project);
            }
        }
        leased.iter().for_each(|project| self.tell_leases(project, now, out));
        Touched { issues, ..Touched::default() }
    }

    /// Removes what can be removed from the overlays, as Kanbus's `overlay gc` does: what the files have caught up with,
    /// what has ended, what cannot be read. The tree must have been loaded to keep what is heard.
    pub fn collect(&mut self) -> Swept {
        let collected = self.hearsay.values_mut().map(|hearsay| Swept {
            kept: hearsay.overlay.heard(),
            removed: hearsay.overlay.removed(),
            unreadable: hearsay.overlay.remove_unreadable(false),
            rewritten: 0,
        });
        collected.fold(Swept::default(), Swept::and)
    }

    /// Makes every snapshot the fields in which it differs from its file, as Kanbus's `overlay reconcile` does. Where
    /// it is not pruned, fields that were told apart before stay. In a dry run nothing is written.
    pub fn reconcile(&mut self, prune: bool, dry_run: bool, now: SystemTime) -> Swept {
        let mut swept = Swept::default();
        for (project, hearsay) in &mut self.hearsay {
            let own = self.homes.iter().filter(|(folder, _)| folder.home.place.project == *project);
            let files = Files { homes: own.collect() };
            let ids: Vec<Box<str>> = hearsay.overlay.ids().map(Box::from).collect();
            for id in ids {
                let Some(base) = files.base(&id, now) else { continue };
                swept = swept.and(hearsay.overlay.reconcile(&id, &base, prune, dry_run));
            }
            swept.kept += hearsay.overlay.files();
        }
        swept
    }

    /// Whether something is heard that is not written down yet.
    pub fn is_unsaved(&self) -> bool {
        self.hearsay.values().any(|hearsay| hearsay.overlay.is_unsaved() || hearsay.leases.is_unsaved())
    }

    /// Writes down what is heard and is not written yet, and says where that cannot be done.
    pub fn save(&mut self, now: SystemTime, out: &mut Vec<Observation>) {
        for hearsay in self.hearsay.values_mut() {
            hearsay.overlay.save();
            hearsay.overlay.tell_other_trouble(out);
            hearsay.leases.save(now);
        }
    }

    /// Whether there is a file of that issue.
    fn has_file(&self, project: &str, id: &str) -> bool {
        let mut own = self.homes.iter().filter(|(folder, _)| *folder.home.place.project == *project);
        own.any(|(folder, _)| folder.has(id))
    }

    /// When something that is heard ends by itself.
    pub(crate) fn until(&self) -> Option<Timestamp> {
        let ends =
            self.hearsay.values().flat_map(|hearsay| [hearsay.overlay.until(), hearsay.leases.until()]);
        ends.flatten().min()
    }

    /// Says what has ended by itself. Answers what is to be looked at once more.
    pub(crate) fn end(&mut self, now: SystemTime, out: &mut Vec<Observation>) -> Touched {
        let instant = timestamp(now);
        let mut ended = BTreeSet::new();
        for (project, hearsay) in &self.hearsay {
            let ids = hearsay.overlay.ended(instant);
            ended.extend(ids.into_iter().map(|id| (project.clone(), id)));
        }
        let issues = self.merge(ended, now, out);
        let projects: Vec<Arc<str>> = self.hearsay.keys().cloned().collect();
        projects.iter().for_each(|project| self.tell_leases(project, now, out));
        Touched { issues, ..Touched::default() }
    }

    /// Takes out of `touched` the entries that are as they were read or written last: what is written here needs no
    /// second look.
    pub(crate) fn pass_over_own(&self, touched: &mut Touched) {
        touched.entries.retain(|(index, id)| {
            let hearsay = self.project_at(*index).and_then(|project| self.hearsay.get(&project));
            hearsay.is_some_and(|hearsay| hearsay.overlay.differs(id))
        });
    }

    /// Looks again at what is heard where `touched` says that it, or what it is about, is other than before. Answers
    /// what is to be looked at once more.
    pub(super) fn look_at_hearsay(
        &mut self,
        touched: &Touched,
        now: SystemTime,
        out: &mut Vec<Observation>,
    ) -> Touched {
        let mut entries = touched.entries.clone();
        if touched.compare.is_some() {
            entries.extend(self.differing_entries());
        }
        let (mut again, mut stale) = (Touched::default(), BTreeSet::new());
        for (index, id) in entries {
            let Some(project) = self.project_at(index) else { continue };
            if let Some(hearsay) = self.hearsay.get_mut(&project)
                && !hearsay.overlay.read(&id, now, out)
            {
                again.entries.insert((index, id.clone()));
            }
            stale.insert((project, id));
        }
        for (index, name) in touched.issues.iter().chain(&touched.events) {
            let Some(project) = self.project_at(*index) else { continue };
            let Some(hearsay) = self.hearsay.get(&project) else { continue };
            let stem = name.strip_suffix(".json").unwrap_or(name);
            let named: Vec<&str> = match touched.issues.contains(&(*index, name.clone())) {
                true => Some(stem).filter(|id| hearsay.overlay.has(id)).into_iter().collect(),
                false => {
                    let event = stem.rsplit_once("__").map(|(_, event)| event);
                    event.into_iter().flat_map(|event| hearsay.overlay.told_by(event)).collect()
                }
            };
            stale.extend(named.into_iter().map(|id| (project.clone(), Box::from(id))));
        }
        if touched.compare.is_some() {
            let all = self.hearsay.iter().flat_map(|(project, hearsay)| {
                hearsay.overlay.ids().map(|id| (project.clone(), Box::from(id)))
            });
            stale.extend(all);
        }
        again.issues = self.merge(stale, now, out);
        self.hearsay.values_mut().for_each(|hearsay| hearsay.overlay.tell_other_trouble(out));
        self.look_at_leases(touched, now, out);
        again
    }

    fn look_at_leases(&mut self, touched: &Touched, now: SystemTime, out: &mut Vec<Observation>) {
        let everything = touched.compare.is_some();
        let indices = touched.leases.iter().copied().chain(touched.events.iter().map(|(index, _)| *index));
        let mut projects: BTreeSet<Arc<str>> = indices.filter_map(|index| self.project_at(index)).collect();
        if everything {
            projects.extend(self.hearsay.keys().cloned());
        }
        for project in projects {
            let listed =
                everything || touched.leases.iter().any(|at| self.project_at(*at).as_ref() == Some(&project));
            if listed && let Some(hearsay) = self.hearsay.get_mut(&project) {
                hearsay.leases.list_again();
            }
            self.tell_leases(&project, now, out);
        }
    }

    fn tell_leases(&mut self, project: &Arc<str>, now: SystemTime, out: &mut Vec<Observation>) {
        let Some(hearsay) = self.hearsay.get_mut(project) else { return };
        let own = self.homes.iter().filter(|(folder, _)| folder.home.place.project == *project);
        hearsay.leases.tell(own.flat_map(|(_, events)| events.claims()), timestamp(now), out);
    }

    /// The entries whose files are new, other or gone.
    pub(super) fn differing_entries(&self) -> BTreeSet<(usize, Box<str>)> {
        let mut differing = BTreeSet::new();
        for (index, (folder, _)) in self.homes.iter().enumerate() {
            let place = &folder.home.place;
            if place.source == Source::Shared
                && let Some(hearsay) = self.hearsay.get(&place.project)
            {
                differing.extend(hearsay.overlay.compare().into_iter().map(|id| (index, id)));
            }
        }
        differing
    }

    /// The project of the shared directory `index`, or of the local one beside it.
    fn project_at(&self, index: usize) -> Option<Arc<str>> {
        self.homes.get(index).map(|(folder, _)| folder.home.place.project.clone())
    }

    /// Says what is wrong with the overlays, and whether Git would commit them.
    pub(super) fn look_at_overlays(&mut self, out: &mut Vec<Observation>) {
        for overlay in self.hearsay.values_mut().map(|hearsay| &mut hearsay.overlay) {
            let ignored = self.committed.as_ref().is_none_or(|git| git.ignores(&overlay.shown()));
            overlay.look_at_directories(!ignored, out);
        }
    }

    /// Makes the overlays those of `layout`, and keeps what is known of those that stay.
    pub(super) fn adopt_overlays(&mut self, layout: &Layout, out: &mut Vec<Observation>) {
        let mut old = std::mem::take(&mut self.hearsay);
        for home in layout.folders.iter().filter(|home| home.place.source == Source::Shared) {
            let config = layout.projects.iter().find(|project| project.label == home.place.project);
            let wanted = config.map(|project| project.config.overlay).unwrap_or_default();
            let overlays = Overlays {
                enabled: self.overlays.enabled.or(wanted.enabled),
                ttl_s: self.overlays.ttl_s.or(wanted.ttl_s),
                keeping: self.overlays.keeping,
            };
            let same = |known: &Hearsay| known.overlay.home == *home && known.overlay.overlays == overlays;
            let mut hearsay = match old.remove(&home.place.project) {
                Some(known) if same(&known) => known,
                Some(mut known) => {
                    known.clear(out);
                    Hearsay::new(home, overlays)
                }
                None => Hearsay::new(home, overlays),
            };
            hearsay.leases.contended_for(config.and_then(|project| project.config.contention_window_s));
            self.hearsay.insert(home.place.project.clone(), hearsay);
        }
        old.into_values().for_each(|mut gone| gone.clear(out));
    }

    /// The directories of overlays, there or not, with the index of the issues they are about, and whether entries
    /// stand in them.
    pub(crate) fn overlays(&self) -> impl Iterator<Item = (usize, PathBuf, bool)> {
        self.shared_homes().flat_map(|(index, hearsay)| {
            hearsay.overlay.directories().into_iter().map(move |(path, entries)| (index, path, entries))
        })
    }

    /// The directories of what is heard of leases, there or not, likewise.
    pub(crate) fn coordination(&self) -> impl Iterator<Item = (usize, PathBuf)> {
        self.shared_homes().flat_map(|(index, hearsay)| {
            let home = &hearsay.overlay.home;
            [Shelf::Shared, Shelf::Private].map(|shelf| (index, coordination(home, shelf)))
        })
    }

    fn shared_homes(&self) -> impl Iterator<Item = (usize, &Hearsay)> {
        self.homes.iter().enumerate().filter_map(|(index, (folder, _))| {
            let place = &folder.home.place;
            let hearsay = self.hearsay.get(&place.project)?;
            (place.source == Source::Shared).then_some((index, hearsay))
        })
    }

    /// Merges what is heard of `ids` with their files. Answers the files that are other than the board has them, or about
    /// to be: what is heard of those stays as it was said until they are read.
    fn merge(
        &mut self,
        ids: BTreeSet<(Arc<str>, Box<str>)>,
        now: SystemTime,
        out: &mut Vec<Observation>,
    ) -> BTreeSet<(usize, Box<str>)> {
        let mut moving = BTreeSet::new();
        for (project, id) in ids {
            let Some(hearsay) = self.hearsay.get_mut(&project) else { continue };
            let of_it = |index: &usize| self.homes[*index].0.home.place.project == project;
            let indices: Vec<usize> = (0..self.homes.len()).filter(of_it).collect();
            let files = Files { homes: indices.iter().map(|index| &self.homes[*index]).collect() };
            let instant = timestamp(now);
            let is_awaited = |base: &BaseFile| {
                let overlay = &hearsay.overlay;
                overlay.events_of(&id).any(|event| files.just_happened(event, now))
                    && overlay.is_ahead_of(&id, base, instant)
            };
            let Some(base) = files.base(&id, now).filter(|base| !is_awaited(base)) else {
                moving.extend(indices.into_iter().map(|index| (index, format!("{id}.json").into())));
                continue;
            };
            let happened = |event: &str| files.happened(event);
            let mut around = Around { now: instant, happened: &happened, out };
            hearsay.overlay.merge(&id, &base, &mut around);
        }
        moving
    }
}

fn timestamp(time: SystemTime) -> Timestamp {
    Timestamp::try_from(time).unwrap_or_default()
}
