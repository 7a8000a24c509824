//! What rules would have made of changes that were: the answer to "what if", before they are kept.
//!
//! Not here: quiet hours and the like, which hold back whatever the rules say.

use serde::Serialize;
use ts_rs::TS;

use super::{Outcome, Rules};
use crate::attention::attribution::Me;
use crate::attention::change::Change;
use crate::attention::class::{Class, usual};
use crate::attention::subject::Subject;

/// What rules make of one change.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, TS)]
pub struct Tried {
    /// Its class by the rules.
    pub class: Class,
    /// Whether a rule keeps the banner back.
    pub muted: bool,
    /// The line of the rule that matched, from 1.
    pub rule: Option<usize>,
    /// Its class without a rule.
    pub usual: Class,
}

/// What rules make of many changes.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, TS)]
pub struct DryRun {
    /// How many of them would come with a banner, before grouping.
    pub banners: usize,
    /// How many would without a rule.
    pub banners_usually: usize,
    /// How many each rule matches first, in the order of the rules.
    pub hits: Vec<usize>,
    /// One each, in the order in which they were given.
    pub tried: Vec<Tried>,
}

/// Tries `rules` on `changes`.
pub fn dry_run<'a>(
    rules: &Rules,
    changes: impl IntoIterator<Item = &'a Change>,
    me: &Me,
    is_watched: impl Fn(&Subject) -> bool,
) -> DryRun {
    let mut run = DryRun { hits: vec![0; rules.iter().len()], ..DryRun::default() };
    for change in changes {
        let usual = usual(change, me, is_watched(&change.subject));
        let first = rules.0.iter().enumerate().find(|(_, rule)| rule.matches(change, me));
        let class = match first.map(|(_, rule)| rule.outcome) {
            Some(Outcome::Class(class)) => class,
            Some(Outcome::Mute) | None => usual,
        };
        let muted = first.is_some_and(|(_, rule)| rule.outcome == Outcome::Mute);
        if let Some((at, _)) = first {
            run.hits[at] += 1;
        }
        run.banners += usize::from(class.has_banner() && !muted);
        run.banners_usually += usize::from(usual.has_banner());
        run.tried.push(Tried { class, muted, rule: first.map(|(_, rule)| rule.line), usual });
    }
    run
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::attention::change::What;
    use crate::attention::tests::{by_agent, moved};

    #[test]
    fn a_dry_run_says_what_each_rule_would_have_done() {
        let rules =
            Rules::parse("# first\nagent:codex-1 -> mute\nkind:deleted -> interrupt\nkind:leased -> inbox")
                .unwrap();
        let changes = [
            by_agent("a", "codex-1", moved("done")),
            by_agent("b", "codex-2", moved("done")),
            by_agent("c", "x", What::Deleted),
        ];
        let run = dry_run(&rules, &changes, &Me::default(), |_| false);
        assert_eq!((run.banners, run.banners_usually, run.hits), (2, 2, vec![1, 1, 0]));
        let tried: Vec<_> =
            run.tried.iter().map(|tried| (tried.rule, tried.class, tried.muted, tried.usual)).collect();
        let expected = [
            (Some(2), Class::Notice, true, Class::Notice),
            (None, Class::Notice, false, Class::Notice),
            (Some(3), Class::Interrupt, false, Class::Inbox),
        ];
        assert_eq!(tried, expected);
    }
}
