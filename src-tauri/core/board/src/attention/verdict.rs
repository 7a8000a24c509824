//! What a change means to the person: its class, and whether a banner of it is raised now.
//!
//! Not here: whether it is from another (`ledger`) and new (`once`), which are asked before; grouping comes after.
//!
//! Invariant: it follows from the change and the context alone.

use super::attribution::Me;
use super::change::Change;
use super::class::{Class, usual};
use super::hush::{Hour, Hush, Hushed};
use super::inbox::Standing;
use super::rule::{Outcome, Rules};

/// What a verdict depends on.
#[derive(Debug, Clone, Copy)]
pub struct Context<'a> {
    /// The hour.
    pub hour: Hour,
    /// What the person has said of when not to be disturbed.
    pub hush: &'a Hush,
    /// Whether the window is focused and the issue visible in it.
    pub is_looked_at: bool,
    /// This person.
    pub me: &'a Me,
    /// The repository, as mutes name it.
    pub repository: &'a str,
    /// The person's rules.
    pub rules: &'a Rules,
    /// How the issue stands in the inbox.
    pub standing: Standing,
}

/// What a change means.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Verdict {
    /// Its class.
    pub class: Class,
    /// The rule that says so, counted from 0, if one does.
    pub rule: Option<usize>,
    /// Why no banner is raised, where one would have been otherwise.
    pub hushed: Option<Hushed>,
}

impl Verdict {
    /// Whether a banner is to be raised.
    pub fn raises(&self) -> bool {
        self.class.has_banner() && self.hushed.is_none()
    }

    /// What `change` means in that context.
    pub fn of(change: &Change, context: &Context<'_>) -> Self {
        let usual = usual(change, context.me, context.standing.watched);
        let ruled = context.rules.first_for(change, context.me);
        let (class, by_rule) = match ruled {
            Some((_, Outcome::Class(class))) => (class, None),
            Some((_, Outcome::Mute)) => (usual, Some(Hushed::Rule)),
            None => (usual, None),
        };
        let hushed = by_rule
            .or(context.standing.muted.then_some(Hushed::Muted))
            .or(context.standing.snoozed.then_some(Hushed::Snoozed))
            .or_else(|| context.hush.reason(change, class, context.repository, context.hour))
            .or(context.is_looked_at.then_some(Hushed::Seen));
        Self { class, rule: ruled.map(|(rule, _)| rule), hushed: hushed.filter(|_| class.has_banner()) }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::attention::change::What;
    use crate::attention::quiet::{Day, WeekMinute};
    use crate::attention::tests::{at, change, moved};

    fn verdict(what: What, rules: &str, change_context: impl FnOnce(&mut Context<'_>)) -> Verdict {
        let (me, hush) = (Me::called(["ann"]), Hush::default());
        let rules = Rules::parse(rules).unwrap();
        let hour = Hour { now: at(0), local: WeekMinute::new(Day::Mon, 0), do_not_disturb: false };
        let standing = Standing::default();
        let mut context = Context {
            hour,
            hush: &hush,
            is_looked_at: false,
            me: &me,
            repository: "/r",
            rules: &rules,
            standing,
        };
        change_context(&mut context);
        Verdict::of(&change("k-1", what), &context)
    }

    #[test]
    fn a_rule_comes_before_the_table() {
        let verdict = |rules: &str| verdict(moved("done"), rules, |_| ());
        assert_eq!(verdict(""), Verdict { class: Class::Notice, rule: None, hushed: None });
        let ruled = verdict("kind:created -> feed\nkind:moved -> interrupt\nkind:moved -> inbox");
        assert_eq!((ruled.class, ruled.rule), (Class::Interrupt, Some(1)), "the first that matches counts");
        let muted = verdict("kind:moved -> mute");
        assert_eq!((muted.class, muted.hushed, muted.raises()), (Class::Notice, Some(Hushed::Rule), false));
    }

    #[test]
    fn what_is_looked_at_muted_or_snoozed_raises_nothing_and_keeps_its_class() {
        let looked = verdict(moved("done"), "", |context| context.is_looked_at = true);
        let muted = verdict(moved("done"), "", |context| context.standing.muted = true);
        let snoozed = verdict(moved("done"), "", |context| context.standing.snoozed = true);
        let hushed = [looked, muted, snoozed].map(|verdict| (verdict.class, verdict.hushed));
        let expected = [Hushed::Seen, Hushed::Muted, Hushed::Snoozed].map(|why| (Class::Notice, Some(why)));
        assert_eq!(hushed, expected);
    }

    #[test]
    fn what_has_no_banner_anyway_is_kept_back_by_nothing() {
        let quiet = verdict(What::Deleted, "", |context| context.is_looked_at = true);
        assert_eq!((quiet.class, quiet.hushed, quiet.raises()), (Class::Inbox, None, false));
    }
}
