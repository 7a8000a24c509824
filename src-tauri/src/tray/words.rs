//! Words of the tray: how the link is, and strangers' words in one short line.
//!
//! Not here: which lines there are (`view`).
//!
//! Invariants:
//! - Nothing here ticks: a menu that changes every second is a menu that nobody can click.
//! - A line is short, and shows what it holds.

use hearsay_live::legible;
use hearsay_live::wire::{Link, LinkState, Way, WayKind};

/// As many characters as a menu shows well.
const LONGEST: usize = 72;
/// As many as the name of a repository or a broker gets of them.
const LONGEST_NAME: usize = 28;

/// How the link is.
pub(super) fn of_link(link: &Link) -> String {
    match link.state {
        LinkState::Listening => listening(&link.ways),
        LinkState::Connecting => {
            let way = link.ways.iter().find(|way| way.state == LinkState::Connecting).or(link.ways.first());
            format!("Connecting to {}…", way.map_or_else(|| "the bus".to_owned(), place))
        }
        LinkState::Lost => "Live link lost, still watching files".to_owned(),
        LinkState::Off => "Gossip is off, watching files".to_owned(),
    }
}

fn listening(ways: &[Way]) -> String {
    let open: Vec<&Way> = ways.iter().filter(|way| way.state == LinkState::Listening).collect();
    let places: Vec<String> = open.iter().map(|way| place(way)).collect();
    let verb =
        if !open.is_empty() && open.iter().all(|way| way.hosting) { "Hosting" } else { "Listening on" };
    let mut words = match places.is_empty() {
        true => "Listening".to_owned(),
        false => format!("{verb} {}", places.join(" and ")),
    };
    for lost in ways.iter().filter(|way| way.state == LinkState::Lost) {
        words.push_str(&format!(", {} lost", place(lost)));
    }
    words
}

/// A bus by its name: the local one, or the broker's host.
fn place(way: &Way) -> String {
    match way.kind {
        WayKind::Uds => "the local bus".to_owned(),
        WayKind::Mqtt => {
            let host = url::Url::parse(&way.endpoint).ok().and_then(|url| url.host_str().map(str::to_owned));
            name(host.as_deref().unwrap_or(&way.endpoint))
        }
    }
}

/// The name of something, which may be long.
pub(super) fn name(name: &str) -> String {
    clipped(name, LONGEST_NAME)
}

/// Words that somebody wrote, as one line of a menu.
pub(super) fn line(words: &str) -> String {
    clipped(words, LONGEST)
}

fn clipped(words: &str, longest: usize) -> String {
    // A title may be as large as a file: no more of it is looked at than may be shown.
    let head: String = words.chars().take(longest * 8).collect();
    let plain = legible(&head.split_whitespace().collect::<Vec<_>>().join(" "));
    if plain.chars().count() <= longest {
        return plain;
    }
    let kept: String = plain.chars().take(longest.saturating_sub(1)).collect();
    format!("{}…", kept.trim_end())
}

/// The same as the text of a menu item, where `&` marks the letter to press.
pub(super) fn unmarked(text: &str) -> String {
    text.replace('&', "&&")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn way(kind: WayKind, state: LinkState, hosting: bool) -> Way {
        let endpoint = match kind {
            WayKind::Uds => "/run/user/1/kanbus.sock",
            WayKind::Mqtt => "mqtts://broker.example:8883",
        };
        Way { endpoint: endpoint.into(), hosting, kind, message: None, since: String::new(), state }
    }

    fn said(state: LinkState, ways: Vec<Way>) -> String {
        let since = String::new();
        of_link(&Link { lag: None, last_heard: None, message: None, refused: 0, since, state, ways })
    }

    #[test]
    fn the_link_is_told_in_words_that_do_not_tick() {
        let local = |hosting| way(WayKind::Uds, LinkState::Listening, hosting);
        let broker = |state| way(WayKind::Mqtt, state, false);
        let listening = LinkState::Listening;
        assert_eq!(said(listening, vec![local(true)]), "Hosting the local bus");
        let both = vec![local(true), broker(listening)];
        assert_eq!(said(listening, both), "Listening on the local bus and broker.example");
        let one = vec![local(false), broker(LinkState::Lost)];
        assert_eq!(said(listening, one), "Listening on the local bus, broker.example lost");
        assert_eq!(said(listening, vec![]), "Listening");
        let connecting = LinkState::Connecting;
        assert_eq!(said(connecting, vec![broker(connecting)]), "Connecting to broker.example…");
        assert_eq!(said(connecting, vec![]), "Connecting to the bus…");
        assert_eq!(said(LinkState::Lost, vec![]), "Live link lost, still watching files");
        assert_eq!(said(LinkState::Off, vec![]), "Gossip is off, watching files");
    }

    #[test]
    fn what_somebody_wrote_is_one_short_line_that_hides_nothing() {
        assert_eq!(line("  Fix\n the\tthing  "), "Fix the thing");
        assert_eq!(line("a\u{202e}b"), "a\\u{202e}b");
        let long = line(&"word ".repeat(100_000));
        assert!(long.chars().count() <= LONGEST && long.ends_with('…'), "{long}");
        assert_eq!(unmarked("you & me"), "you && me");
    }
}
