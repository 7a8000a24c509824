//! What the tray shows, as follows from the open repositories.
//!
//! Not here: showing it (`menu`, `icon`), and what a click does.
//!
//! Invariants:
//! - What an item does is in its id, so that a click means what was shown when it was made.
//! - With several repositories, whatever belongs to one names it.

use std::collections::BTreeSet;

use hearsay_live::wire::{Link, RepositoryInfo};
use jiff::Timestamp;

use super::words;

/// As many lines as are shown of what needs the person.
const TOP: usize = 5;
/// As many repositories as are offered.
const RECENT: usize = 10;

/// How it stands with an open repository.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(crate) struct Standing {
    /// How many items of the inbox are unread.
    pub(crate) unread: usize,
    /// What needs the person most, the first first.
    pub(crate) top: Vec<Top>,
    /// Until when there are no banners.
    pub(crate) paused_until: Option<Timestamp>,
    /// How the link is, once that is known.
    pub(crate) link: Option<Link>,
}

/// A line of what needs the person.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Top {
    /// Who did what to which issue.
    pub(crate) said: String,
    /// What more there is to say: the issue's title, mostly.
    pub(crate) detail: String,
    /// The card to open, without `card:`.
    pub(crate) card: Option<String>,
}

/// What follows from what.
#[derive(Debug, Default)]
pub(crate) struct Scene {
    /// The open repositories, and how it stands with them as far as that is known.
    pub(crate) open: Vec<(RepositoryInfo, Option<Standing>)>,
    /// Those that were open before, the latest first.
    pub(crate) recent: Vec<RepositoryInfo>,
    pub(crate) now: Timestamp,
}

/// What the tray shows.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct TrayView {
    pub(crate) unread: bool,
    pub(crate) tooltip: String,
    pub(crate) rows: Vec<Row>,
}

/// A row of a menu. Ids are unique in their menu.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Row {
    pub(crate) id: String,
    pub(crate) text: String,
    pub(crate) kind: Kind,
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Kind {
    /// Does something.
    Item,
    /// Only says something.
    Word,
    /// Separates what is above from what is below.
    Rule,
    /// Holds more.
    Under(Vec<Row>),
}

/// What a click means.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Act {
    /// Shows that issue of the repository at that path.
    Issue { path: String, card: String },
    /// Shows the inbox of the repository at that path, or of any.
    Inbox { path: Option<String> },
    /// Opens the repository at that path.
    Open { path: String },
    /// Asks which repository to open.
    Pick,
    /// No banners for an hour.
    Pause,
    /// Banners again.
    Resume,
    /// Brings a window.
    Show,
    /// Ends the app.
    Quit,
}

impl Act {
    /// What the id of a row means.
    pub(crate) fn of(id: &str) -> Option<Self> {
        // A path may hold a line's end; the name of a card does not.
        let mut parts = id.splitn(3, '\n');
        let (word, second, third) = (parts.next()?, parts.next(), parts.next());
        Some(match (word, second, third) {
            ("issue", Some(card), Some(path)) => Self::Issue { path: path.to_owned(), card: card.to_owned() },
            ("line", Some(_), Some(path)) => Self::Inbox { path: Some(path.to_owned()) },
            ("open", Some(_), Some(path)) => Self::Open { path: path.to_owned() },
            ("inbox", None, None) => Self::Inbox { path: None },
            ("pick", None, None) => Self::Pick,
            ("pause", None, None) => Self::Pause,
            ("resume", None, None) => Self::Resume,
            ("show", None, None) => Self::Show,
            ("quit", None, None) => Self::Quit,
            _ => return None,
        })
    }
}

impl TrayView {
    pub(crate) fn of(scene: &Scene) -> Self {
        let unread = scene.unread();
        let tooltip = match unread {
            0 => "Hearsay".to_owned(),
            unread => format!("Hearsay: {unread} unread"),
        };
        let mut rows = scene.links();
        rows.push(rule("below-links"));
        rows.extend(scene.top());
        rows.push(rule("below-top"));
        let inbox = if unread == 0 { "Inbox".to_owned() } else { format!("Inbox ({unread} unread)") };
        rows.push(item("inbox", inbox));
        match scene.is_paused() {
            true => rows.push(item("resume", "Resume notifications")),
            // Where nothing is open there is nothing to pause.
            false if scene.open.is_empty() => {}
            false => rows.push(item("pause", "Pause notifications for an hour")),
        }
        rows.push(rule("below-inbox"));
        rows.push(item("show", "Show Hearsay"));
        rows.push(Row { kind: Kind::Under(scene.repositories()), ..item("repositories", "Open repository") });
        rows.push(rule("below-repositories"));
        rows.push(item("quit", "Quit Hearsay"));
        Self { unread: unread > 0, tooltip, rows }
    }
}

impl Scene {
    fn unread(&self) -> usize {
        self.standings().map(|(_, standing)| standing.unread).fold(0, usize::saturating_add)
    }

    /// When the pause that goes on ends.
    pub(crate) fn pause_ends(&self) -> Option<Timestamp> {
        let kept = self.standings().filter_map(|(_, standing)| standing.paused_until);
        kept.filter(|until| *until > self.now).max()
    }

    fn is_paused(&self) -> bool {
        self.pause_ends().is_some()
    }

    fn standings(&self) -> impl Iterator<Item = (&RepositoryInfo, &Standing)> {
        self.open.iter().filter_map(|(info, standing)| Some((info, standing.as_ref()?)))
    }

    /// `words` of a repository, with its name where there are several.
    fn named(&self, info: &RepositoryInfo, words: &str) -> String {
        match self.open.len() {
            0 | 1 => words.to_owned(),
            _ => format!("{}: {words}", words::name(&info.name)),
        }
    }

    fn links(&self) -> Vec<Row> {
        if self.open.is_empty() {
            return vec![word("link", "No repository open")];
        }
        let link = |(info, standing): &(RepositoryInfo, Option<Standing>)| {
            let link = standing.as_ref().and_then(|standing| standing.link.as_ref());
            let words = link.map_or_else(|| "Watching files".to_owned(), words::of_link);
            word(&format!("link\n{}", info.path), self.named(info, &words))
        };
        self.open.iter().map(link).collect()
    }

    /// What needs the person most: the first of each repository, then the second of each.
    fn top(&self) -> Vec<Row> {
        let mut rows = Vec::new();
        let mut shown = BTreeSet::new();
        for at in 0..TOP {
            for (info, standing) in self.standings() {
                let Some(top) = standing.top.get(at) else { continue };
                let id = match &top.card {
                    Some(card) => format!("issue\n{card}\n{}", info.path),
                    None => format!("line\n{at}\n{}", info.path),
                };
                // Of an issue that is there twice the first line says enough.
                if rows.len() < TOP && shown.insert(id.clone()) {
                    rows.push(item(&id, words::line(&self.named(info, &top.words()))));
                }
            }
        }
        if rows.is_empty() {
            rows.push(word("nothing", "Nothing needs you"));
        }
        rows
    }

    fn repositories(&self) -> Vec<Row> {
        let open = self.open.iter().map(|(info, _)| info);
        let mut paths = BTreeSet::new();
        let offered = open.chain(&self.recent).filter(|info| paths.insert(&info.path)).take(RECENT);
        let offered: Vec<&RepositoryInfo> = offered.collect();
        let is_alone =
            |info: &RepositoryInfo| offered.iter().filter(|one| one.name == info.name).count() == 1;
        let text = |info: &RepositoryInfo| match is_alone(info) {
            true => words::name(&info.name),
            false => words::line(&info.path),
        };
        let row = |info: &&RepositoryInfo| item(&format!("open\n\n{}", info.path), text(info));
        let mut rows: Vec<Row> = offered.iter().map(row).collect();
        if !rows.is_empty() {
            rows.push(rule("below-recent"));
        }
        rows.push(item("pick", "Another…"));
        rows
    }
}

impl Top {
    fn words(&self) -> String {
        match self.detail.trim() {
            "" => self.said.clone(),
            detail => format!("{} — {detail}", self.said),
        }
    }
}

fn item(id: &str, text: impl Into<String>) -> Row {
    Row { id: id.to_owned(), text: text.into(), kind: Kind::Item }
}

fn word(id: &str, text: impl Into<String>) -> Row {
    Row { kind: Kind::Word, ..item(id, text) }
}

fn rule(id: &str) -> Row {
    Row { kind: Kind::Rule, ..item(id, "") }
}

impl From<&hearsay_live::Standing> for Standing {
    fn from(told: &hearsay_live::Standing) -> Self {
        let top = told.top.iter().map(|line| Top {
            said: line.said.clone(),
            detail: line.detail.clone(),
            card: line.card.clone(),
        });
        let (unread, link) = (told.counts.items, told.link.clone());
        Self { unread, top: top.collect(), paused_until: told.paused_until, link }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn info(name: &str) -> RepositoryInfo {
        RepositoryInfo { name: name.into(), path: format!("/srv/{name}") }
    }

    fn top(said: &str, card: Option<&str>) -> Top {
        Top { said: said.into(), detail: "Title".into(), card: card.map(str::to_owned) }
    }

    fn standing(unread: usize, top: Vec<Top>) -> Option<Standing> {
        Some(Standing { unread, top, ..Standing::default() })
    }

    fn texts(rows: &[Row]) -> Vec<&str> {
        rows.iter().filter(|row| row.kind != Kind::Rule).map(|row| &*row.text).collect()
    }

    #[test]
    fn one_repository_is_not_named_and_what_needs_the_person_opens_it() {
        let lines = vec![top("fenn asks in app-1", Some("app-1")), top("40 changes by Git", None)];
        let scene = Scene { open: vec![(info("app"), standing(3, lines))], ..Scene::default() };
        let view = TrayView::of(&scene);
        assert!(view.unread);
        assert_eq!(view.tooltip, "Hearsay: 3 unread");
        assert_eq!(
            texts(&view.rows),
            [
                "Watching files",
                "fenn asks in app-1 — Title",
                "40 changes by Git — Title",
                "Inbox (3 unread)",
                "Pause notifications for an hour",
                "Show Hearsay",
                "Open repository",
                "Quit Hearsay",
            ]
        );
        let acts: Vec<Act> = view.rows.iter().filter_map(|row| Act::of(&row.id)).collect();
        let path = "/srv/app".to_owned();
        assert_eq!(acts[0], Act::Issue { path: path.clone(), card: "app-1".into() });
        assert_eq!(acts[1], Act::Inbox { path: Some(path) });
        assert_eq!(acts[2..], [Act::Inbox { path: None }, Act::Pause, Act::Show, Act::Quit]);
    }

    #[test]
    fn several_repositories_are_named_and_each_has_its_say() {
        let lines =
            |name: &str| (0..5).map(|at| top(&format!("{name}{at}"), Some(&at.to_string()))).collect();
        let open = vec![
            (info("a"), standing(1, lines("x"))),
            (info("b"), standing(2, lines("y"))),
            (info("c"), None),
        ];
        let view = TrayView::of(&Scene { open, ..Scene::default() });
        assert_eq!(view.tooltip, "Hearsay: 3 unread");
        let texts = texts(&view.rows);
        assert_eq!(texts[..3], ["a: Watching files", "b: Watching files", "c: Watching files"]);
        assert_eq!(
            texts[3..8],
            ["a: x0", "b: y0", "a: x1", "b: y1", "a: x2"].map(|words| format!("{words} — Title"))
        );
    }

    #[test]
    fn nothing_open_and_nothing_new_is_said() {
        let view = TrayView::of(&Scene::default());
        assert!(!view.unread);
        assert_eq!(texts(&view.rows)[..3], ["No repository open", "Nothing needs you", "Inbox"]);
    }

    #[test]
    fn a_pause_can_be_ended_until_it_ends() {
        let at = |second| Timestamp::from_second(second).unwrap();
        let paused = |until| Some(Standing { paused_until: Some(at(until)), ..Standing::default() });
        let scene = |now| Scene {
            open: vec![(info("a"), paused(100)), (info("b"), None)],
            now: at(now),
            ..Scene::default()
        };
        let has = |now, id: &str| TrayView::of(&scene(now)).rows.iter().any(|row| row.id == id);
        assert!(has(99, "resume") && !has(99, "pause"));
        assert!(has(100, "pause") && !has(100, "resume"));
        assert_eq!(scene(99).pause_ends(), Some(at(100)));
    }

    #[test]
    fn repositories_are_offered_once_and_by_path_where_names_are_alike() {
        let other = RepositoryInfo { name: "app".into(), path: "/old/app".into() };
        let recent = vec![info("app"), other, info("lib")];
        let view = TrayView::of(&Scene { open: vec![(info("app"), None)], recent, ..Scene::default() });
        let under = view.rows.iter().find_map(|row| match &row.kind {
            Kind::Under(rows) => Some(texts(rows)),
            _ => None,
        });
        assert_eq!(under.unwrap(), ["/srv/app", "/old/app", "lib", "Another…"]);
        assert_eq!(Act::of("open\n\n/a\nb"), Some(Act::Open { path: "/a\nb".into() }));
        assert_eq!(Act::of("somebody else's"), None);
    }
}
