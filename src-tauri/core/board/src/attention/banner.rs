//! The words of a banner, and what a click on it opens.
//!
//! Not here: how it is shown, and the words of a single change (`line`).
//!
//! Invariant: plain text, a title of at most [`TITLE`] characters and a body of at most [`LINES`] lines.

use super::class::Class;
use super::grouping::{Epics, Form, Group, Raise};
use super::line::{About, Line};
use super::text::plain;
use crate::key::short_key;

/// The most characters of a title.
pub const TITLE: usize = 100;
/// The most characters of a line of the body.
pub const WIDTH: usize = 160;
/// The most lines of the body.
pub const LINES: usize = 5;

/// What a click opens.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Opens {
    /// An issue.
    Issue {
        /// The label of its project.
        project: String,
        /// Its id.
        id: String,
        /// The key of its card, without `card:`.
        card: String,
    },
    /// The inbox.
    Inbox,
}

/// A banner in words.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Banner {
    /// The first line.
    pub title: String,
    /// What stands below it.
    pub body: String,
    /// What a click opens.
    pub opens: Opens,
    /// Its class.
    pub class: Class,
}

impl Banner {
    /// The words of `raise`.
    pub fn of(raise: &Raise) -> Self {
        let group = &raise.group;
        let (title, body) = match (group.lines.as_slice(), group.count) {
            ([line], 1) => (line.said.clone(), plain(&line.detail, WIDTH * 2)),
            _ => (title(raise), body(group)),
        };
        Self { title: plain(&title, TITLE), body, opens: opens(group), class: raise.class }
    }
}

fn title(raise: &Raise) -> String {
    let group = &raise.group;
    let (count, interrupts) = (group.count, group.interrupts);
    let changes = |count: u64| if count == 1 { "1 change".to_owned() } else { format!("{count} changes") };
    let place = match &group.epic {
        Epics::One(epic) => format!(" in {}", short_key(epic)),
        Epics::Unknown | Epics::Several => String::new(),
    };
    let more =
        |count: u64| if count == 1 { "1 more change".to_owned() } else { format!("{count} more changes") };
    let needs = if interrupts == 1 { "1 needs you".to_owned() } else { format!("{interrupts} need you") };
    match (raise.form, interrupts) {
        (Form::Digest, 0) => format!("{}{place}", more(count)),
        (_, 0) => format!("{}{}{place}", who(group), changes(count)),
        (Form::Digest, _) if count > interrupts => {
            format!("{needs}, and {}", more(count - interrupts))
        }
        _ => format!("{}{needs}{place}", who(group)),
    }
}

/// Who it was, as far as all of it is somebody's.
fn who(group: &Group) -> String {
    let mut names = group.who.iter();
    match (names.next(), names.next()) {
        (None, _) => String::new(),
        (Some((name, _)), None) if name.is_empty() => String::new(),
        (Some((name, _)), None) => format!("{name}: "),
        (Some((name, _)), Some(_)) if name.is_empty() => String::new(),
        _ => {
            let agents = group.who.values().filter(|(_, agent)| *agent).count();
            let kind = match group.who.len() - agents {
                0 => "agents",
                people if people == group.who.len() => "people",
                _ => "agents and people",
            };
            let more = if group.more_names { "more than " } else { "" };
            format!("{more}{} {kind}: ", group.who.len())
        }
    }
}

fn body(group: &Group) -> String {
    let mut lines: Vec<String> = Vec::new();
    let mut told = 0;
    for line in &group.lines {
        let text = if line.detail.is_empty() {
            line.said.clone()
        } else {
            format!("{}: {}", line.said, line.detail)
        };
        let text = plain(&text, WIDTH);
        if lines.contains(&text) {
            // The same words twice say nothing more.
            told += 1;
            continue;
        }
        if lines.len() == LINES - 1 {
            break;
        }
        told += 1;
        lines.push(text);
    }
    let more = group.count.saturating_sub(told);
    if more > 0 {
        lines.push(format!("and {more} more"));
    }
    lines.join("\n")
}

/// The issue, where it is about one alone; else all of it stands in the inbox.
fn opens(group: &Group) -> Opens {
    let complete = group.lines.len() as u64 == group.count;
    let mut abouts = group.lines.iter().map(|line| &line.about);
    match group.lines.first() {
        Some(Line { about: about @ About::Issue { project, id }, card: Some(card), .. })
            if complete && abouts.all(|other| other == about) =>
        {
            Opens::Issue { project: project.clone(), id: id.clone(), card: card.clone() }
        }
        _ => Opens::Inbox,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::time::Duration;

    use crate::attention::attribution::Me;
    use crate::attention::change::{Change, What};
    use crate::attention::grouping::Grouping;
    use crate::attention::tests::{by_agent, change, moved};

    fn banner(changes: impl IntoIterator<Item = Change>, class: Class) -> Banner {
        let mut grouping = Grouping::default();
        for change in changes {
            grouping.push(Line::of(&change, class, &Me::called(["ann"])), Duration::ZERO);
        }
        Banner::of(&grouping.due(Duration::from_secs(60))[0])
    }

    fn issue(id: &str) -> Opens {
        Opens::Issue { project: "kbs".to_owned(), id: id.to_owned(), card: id.to_owned() }
    }

    #[test]
    fn one_change_says_who_and_what_and_opens_its_issue() {
        let banner = banner([by_agent("k-1", "codex-3", moved("done"))], Class::Notice);
        assert_eq!(
            (banner.title.as_str(), banner.body.as_str()),
            ("codex-3 moved k-1 to done", "Title of k-1")
        );
        assert_eq!(banner.opens, issue("k-1"));
    }

    #[test]
    fn fifteen_agents_are_counted_and_some_of_them_named() {
        let changes = (10..25).map(|n| by_agent(&format!("k-{n}"), &format!("codex-{n}"), moved("done")));
        let banner = banner(changes, Class::Notice);
        assert_eq!(banner.title, "15 agents: 15 changes");
        let lines: Vec<_> = banner.body.lines().collect();
        assert_eq!(lines[0], "codex-10 moved k-10 to done: Title of k-10");
        assert_eq!((lines.len(), lines[4]), (LINES, "and 11 more"));
        assert_eq!(banner.opens, Opens::Inbox);
    }

    #[test]
    fn what_is_common_to_all_is_said_once() {
        let in_epic = |id: &str| {
            let mut change = by_agent(id, "codex-3", moved("done"));
            change.subject.epic = Some("k-9".to_owned());
            change
        };
        assert_eq!(
            banner([in_epic("k-1"), in_epic("k-2")], Class::Notice).title,
            "codex-3: 2 changes in k-9"
        );
        assert_eq!(
            banner([in_epic("k-1"), in_epic("k-2")], Class::Interrupt).title,
            "codex-3: 2 need you in k-9"
        );
        let mixed = [in_epic("k-1"), change("k-2", What::Deleted)];
        assert_eq!(
            banner(mixed, Class::Notice).title,
            "2 changes",
            "nobody in particular is not counted as somebody"
        );
        let same = banner([in_epic("k-1"), in_epic("k-1")], Class::Notice);
        assert_eq!((same.body.lines().count(), same.opens), (1, issue("k-1")));
    }

    #[test]
    fn ten_kilobytes_of_markup_are_one_plain_banner() {
        let mut change = by_agent(&"k".repeat(200), &"<i>".repeat(4_000), moved("done"));
        change.subject.title = "<b>&\n".repeat(2_000);
        let changes = [change.clone(), change];
        for banner in [banner(changes.clone(), Class::Notice), banner(changes[..1].to_vec(), Class::Notice)] {
            let lines = banner.body.lines().count();
            assert!(banner.title.chars().count() <= TITLE && lines <= LINES, "{banner:?}");
            assert!(banner.body.lines().all(|line| line.chars().count() <= WIDTH * 2), "{banner:?}");
            assert!(
                !format!("{}{}", banner.title, banner.body).contains(['<', '>', '&', '\t']),
                "{banner:?}"
            );
        }
    }
}
