//! Who is behind a change, as far as it can be told, and how sure that is.
//!
//! Not here: whether the change is this person's own (`ledger`), and where the clues come from.
//!
//! Invariant: the ladder is climbed from the top, and the first rung that says something counts.

use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use ts_rs::TS;

use crate::unit::Lease;

/// The names under which this person's own Kanbus signs.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Me {
    names: Vec<String>,
}

impl Me {
    /// The person who is called so.
    pub fn called(names: impl IntoIterator<Item = impl Into<String>>) -> Self {
        let names = names.into_iter().map(Into::into).filter(|name: &String| !name.trim().is_empty());
        Self { names: names.collect() }
    }

    /// Whether `name` is theirs.
    pub fn is(&self, name: &str) -> bool {
        self.names.iter().any(|mine| mine == name)
    }

    /// Whether `text` calls them, as `@name`.
    pub fn is_mentioned_in(&self, text: &str) -> bool {
        let is_name = |c: char| c.is_alphanumeric() || c == '_' || c == '-';
        let called = text.match_indices('@').filter_map(|(at, _)| {
            // An address is no call.
            let free = !text[..at].chars().next_back().is_some_and(is_name);
            free.then_some(&text[at + 1..])
        });
        let mut called = called;
        called.any(|rest| {
            self.names.iter().any(|name| {
                let begins = rest.get(..name.len()).is_some_and(|begin| begin.eq_ignore_ascii_case(name));
                begins && !rest[name.len()..].chars().next().is_some_and(is_name)
            })
        })
    }
}

/// What may tell who it was.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Clues<'a> {
    /// The agent that the event names.
    pub event_agent: Option<&'a str>,
    /// The agent of the comment that the change is about.
    pub comment_agent: Option<&'a str>,
    /// The owner of the lease on the issue, while it lasts.
    pub lease_owner: Option<&'a str>,
    /// The agent of the attempt that is under way at the issue.
    pub attempt: Option<&'a str>,
    /// The event's `actor_id`, or the author of the comment.
    pub actor: Option<&'a str>,
}

/// The rungs of the ladder, the surest first.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, TS)]
#[serde(rename_all = "snake_case")]
pub enum Rung {
    /// The event names the agent.
    Event,
    /// The comment does.
    Comment,
    /// Who holds the issue.
    Lease,
    /// Who is at work on it.
    Attempt,
    /// An actor who is not this person.
    Actor,
    /// The same login, or nothing at all.
    Nobody,
}

/// How sure an attribution is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, TS)]
#[serde(rename_all = "snake_case")]
pub enum Sure {
    /// A record of the change says so.
    Said,
    /// It follows from who is at work there.
    Inferred,
    /// Unattributed, same login: shown with a hollow avatar.
    Unknown,
}

/// Who is behind a change.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, TS)]
pub struct Attribution {
    /// Their name; `None` where nobody is named.
    pub who: Option<String>,
    /// Which rung of the ladder told.
    pub rung: Rung,
    /// How sure that is.
    pub sure: Sure,
}

impl Rung {
    /// How sure this rung is.
    pub fn sure(self) -> Sure {
        match self {
            Self::Event | Self::Comment | Self::Actor => Sure::Said,
            Self::Lease | Self::Attempt => Sure::Inferred,
            Self::Nobody => Sure::Unknown,
        }
    }

    /// Whether whoever it names is an agent.
    pub fn names_an_agent(self) -> bool {
        matches!(self, Self::Event | Self::Comment | Self::Lease | Self::Attempt)
    }
}

impl Attribution {
    /// The change of nobody in particular.
    pub const NOBODY: Self = Self { who: None, rung: Rung::Nobody, sure: Sure::Unknown };

    /// Who it was, by the ladder.
    pub fn from(clues: Clues<'_>, me: &Me) -> Self {
        let other = |name: Option<&'_ str>| name.filter(|name| !me.is(name)).map(str::to_owned);
        let any = |name: Option<&'_ str>| name.map(str::to_owned);
        let ladder = [
            (Rung::Event, any(clues.event_agent)),
            (Rung::Comment, any(clues.comment_agent)),
            // What is leased to this person's own login says no more than the login does.
            (Rung::Lease, other(clues.lease_owner)),
            (Rung::Attempt, any(clues.attempt)),
            (Rung::Actor, other(clues.actor)),
        ];
        let told = ladder.into_iter().find_map(|(rung, who)| {
            let who = who.filter(|who| !who.trim().is_empty())?;
            Some(Self { who: Some(who), rung, sure: rung.sure() })
        });
        told.unwrap_or(Self::NOBODY)
    }

    /// The agent, where it was one.
    pub fn agent(&self) -> Option<&str> {
        self.who.as_deref().filter(|_| self.rung.names_an_agent())
    }

    /// Takes over `other` where that is surer.
    pub fn improve(&mut self, other: Self) {
        if other.rung < self.rung {
            *self = other;
        }
    }
}

/// Who holds a lease at `now`, if it still lasts.
pub fn live_owner(lease: &Lease, now: Timestamp) -> Option<&str> {
    let until: Timestamp = lease.expires_at.parse().ok()?;
    (now < until).then_some(lease.owner.as_str())
}

#[cfg(test)]
mod tests {
    use super::*;

    const ALL: Clues<'static> = Clues {
        event_agent: Some("event"),
        comment_agent: Some("comment"),
        lease_owner: Some("lease"),
        attempt: Some("attempt"),
        actor: Some("bob"),
    };

    #[test]
    fn the_ladder_is_climbed_from_the_top() {
        let me = Me::called(["ann"]);
        let mut clues = ALL;
        let mut told = Vec::new();
        for step in 0..6 {
            let by = Attribution::from(clues, &me);
            told.push((by.who.clone().unwrap_or_default(), by.sure, by.agent().is_some()));
            match step {
                0 => clues.event_agent = None,
                1 => clues.comment_agent = Some(" "),
                2 => clues.lease_owner = None,
                3 => clues.attempt = None,
                _ => clues.actor = Some("ann"),
            }
        }
        let expected = [
            ("event", Sure::Said, true),
            ("comment", Sure::Said, true),
            ("lease", Sure::Inferred, true),
            ("attempt", Sure::Inferred, true),
            ("bob", Sure::Said, false),
            ("", Sure::Unknown, false),
        ];
        assert_eq!(told, expected.map(|(who, sure, agent)| (who.to_owned(), sure, agent)));
    }

    #[test]
    fn a_lease_of_my_own_login_names_nobody() {
        let clues = Clues { lease_owner: Some("ann"), actor: Some("ann"), ..Clues::default() };
        assert_eq!(Attribution::from(clues, &Me::called(["ann"])), Attribution::NOBODY);
    }

    #[test]
    fn an_expired_lease_tells_nothing() {
        let lease = Lease { expires_at: "2026-01-01T00:01:00Z".to_owned(), owner: "codex-3".to_owned() };
        let at = |text: &str| text.parse().unwrap();
        assert_eq!(live_owner(&lease, at("2026-01-01T00:00:59Z")), Some("codex-3"));
        assert_eq!(live_owner(&lease, at("2026-01-01T00:01:00Z")), None);
    }

    #[test]
    fn an_attribution_only_gets_surer() {
        let (mut one, me) = (Attribution::NOBODY, Me::default());
        one.improve(Attribution::from(Clues { actor: Some("bob"), ..Clues::default() }, &me));
        one.improve(Attribution::from(ALL, &me));
        one.improve(Attribution::NOBODY);
        assert_eq!(one.who.as_deref(), Some("event"));
    }

    #[test]
    fn a_name_is_called_as_a_whole_word() {
        let me = Me::called(["ann", ""]);
        for (text, called) in [
            ("@ann, please", true),
            ("(cc @Ann)", true),
            ("@anna", false),
            ("x@ann.org", false),
            ("ann", false),
            ("@", false),
            ("@ann-marie @ann", true),
            ("@änn", false),
        ] {
            assert_eq!(me.is_mentioned_in(text), called, "{text}");
        }
    }
}
