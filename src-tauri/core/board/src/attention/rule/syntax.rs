//! From the text of a rule to the rule.
//!
//! Not here: lines, and what terms match (`term`).

use super::term::{Field, Term, Wanted};
use super::{Outcome, Rule, RuleError};
use crate::attention::change::Kind;
use crate::attention::class::Class;

/// Reads one line.
pub(super) fn rule(text: &str, line: usize) -> Result<Rule, RuleError> {
    let mut reader = Reader { rest: text, column: 1, line };
    let mut terms = Vec::new();
    loop {
        reader.skip_blanks();
        if reader.takes("->") {
            break;
        }
        if reader.rest.is_empty() {
            return Err(reader.expected("“->” and what to make of it"));
        }
        terms.push(reader.term()?);
    }
    if terms.is_empty() {
        return Err(RuleError::new(line, 1, "a field such as “status:”, or a text".to_owned(), "->"));
    }
    let outcome = reader.outcome()?;
    Ok(Rule { terms, outcome, line })
}

struct Reader<'a> {
    rest: &'a str,
    column: usize,
    line: usize,
}

impl<'a> Reader<'a> {
    fn skip(&mut self, bytes: usize) -> &'a str {
        let (skipped, rest) = self.rest.split_at(bytes);
        self.column += skipped.chars().count();
        self.rest = rest;
        skipped
    }

    fn skip_blanks(&mut self) {
        self.skip(self.rest.len() - self.rest.trim_start().len());
    }

    fn takes(&mut self, text: &str) -> bool {
        let there = self.rest.starts_with(text);
        if there {
            self.skip(text.len());
        }
        there
    }

    fn expected(&self, expected: &str) -> RuleError {
        let found = self.rest.split_whitespace().next().unwrap_or_default();
        let found = if self.rest.starts_with(char::is_whitespace) { "a blank" } else { found };
        RuleError::new(self.line, self.column, expected.to_owned(), found)
    }

    fn outcome(&mut self) -> Result<Outcome, RuleError> {
        self.skip_blanks();
        let word = self.rest.split_whitespace().next().unwrap_or_default();
        let outcome = match word.eq_ignore_ascii_case("mute") {
            true => Some(Outcome::Mute),
            false => Class::named(word).map(Outcome::Class),
        };
        let Some(outcome) = outcome else {
            return Err(self.expected("interrupt, notice, inbox, feed or mute"));
        };
        self.skip(word.len());
        self.skip_blanks();
        if !self.rest.is_empty() {
            return Err(self.expected("nothing more"));
        }
        Ok(outcome)
    }

    fn term(&mut self) -> Result<Term, RuleError> {
        let negated = self.takes("-");
        let Some(field) = self.field()? else {
            return Ok(Term { negated, field: Field::Text, wanted: vec![self.value(Field::Text)?] });
        };
        let mut wanted = vec![self.value(field)?];
        while self.takes(",") {
            wanted.push(self.value(field)?);
        }
        Ok(Term { negated, field, wanted })
    }

    /// The field, where a word and a colon stand there.
    fn field(&mut self) -> Result<Option<Field>, RuleError> {
        let word =
            self.rest.len() - self.rest.trim_start_matches(|c: char| c.is_alphanumeric() || c == '_').len();
        if word == 0 || !self.rest[word..].starts_with(':') {
            return Ok(None);
        }
        let Some(field) = Field::named(&self.rest[..word]) else {
            let names = Field::names().map(|name| format!("{name}:")).collect::<Vec<_>>().join(", ");
            return Err(self.expected(&format!("one of {names}; or the text in quotes")));
        };
        self.skip(word + 1);
        Ok(Some(field))
    }

    fn value(&mut self, field: Field) -> Result<Wanted, RuleError> {
        let begin = Self { ..*self };
        let (text, quoted) = match self.takes("\"") {
            true => (self.quoted()?, true),
            false => (self.word(field).to_owned(), false),
        };
        if text.is_empty() {
            return Err(begin.expected("a value"));
        }
        let wanted = Wanted::read(&text, quoted, field);
        let known = match (&wanted, field) {
            (Wanted::Is(name), Field::Kind) => Kind::named(name).is_some(),
            (Wanted::Is(number), Field::Priority) => number.parse::<i64>().is_ok(),
            _ => true,
        };
        match (known, field) {
            (true, _) => Ok(wanted),
            (false, Field::Kind) => {
                let names = Kind::ALL.iter().map(|kind| kind.name()).collect::<Vec<_>>().join(", ");
                Err(begin.expected(&format!("a kind of change: {names}")))
            }
            (false, _) => Err(begin.expected("a number")),
        }
    }

    /// A word ends at a blank; where several values may follow each other, at a comma as well.
    fn word(&mut self, field: Field) -> &'a str {
        let ends = |c: char| c.is_whitespace() || (c == ',' && field != Field::Text);
        self.skip(self.rest.find(ends).unwrap_or(self.rest.len()))
    }

    fn quoted(&mut self) -> Result<String, RuleError> {
        let mut text = String::new();
        let mut escaped = false;
        for (at, character) in self.rest.char_indices() {
            match (character, escaped) {
                ('"', false) => {
                    self.skip(at + 1);
                    return Ok(text);
                }
                ('\\', false) => escaped = true,
                (character, _) => {
                    text.push(character);
                    escaped = false;
                }
            }
        }
        self.skip(self.rest.len());
        Err(self.expected("a closing quote"))
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::super::Rules;

    fn error(text: &str) -> (usize, usize, String) {
        let error = Rules::parse(text).unwrap_err();
        (error.line, error.column, error.to_string())
    }

    #[test]
    fn an_error_says_where_and_what_was_expected() {
        for (text, line, column, words) in [
            ("status:review", 1, 14, "expected “->” and what to make of it, and the line ends."),
            ("# fine\n\n  stat:review -> mute", 3, 3, "expected one of status:, label:"),
            ("-> mute", 1, 1, "expected a field such as “status:”, or a text, found “->”."),
            ("über -> silence", 1, 9, "expected interrupt, notice, inbox, feed or mute, found “silence”."),
            ("a ->", 1, 5, "mute, and the line ends."),
            ("a -> mute b", 1, 11, "expected nothing more, found “b”."),
            ("status: -> mute", 1, 8, "expected a value, found “a blank”."),
            ("status:a, b -> mute", 1, 10, "expected a value"),
            ("\"open -> mute", 1, 14, "expected a closing quote"),
            ("kind:exploded -> mute", 1, 6, "expected a kind of change: created, moved"),
            ("priority:high -> mute", 1, 10, "expected a number, found “high”."),
            ("label:\"\" -> mute", 1, 7, "expected a value"),
        ] {
            let (at, in_line, said) = error(text);
            assert_eq!((at, in_line), (line, column), "{text}: {said}");
            assert!(said.contains(words), "{text}: {said}");
        }
    }

    #[test]
    fn what_is_too_much_is_refused() {
        assert!(error(&"a -> mute\n".repeat(201)).2.contains("at most 200 rules"));
        assert!(error(&format!("{} -> mute", "a".repeat(1_000))).2.contains("at most 1000 characters"));
    }

    proptest! {
        #[test]
        fn any_text_is_rules_or_an_error_within_it(text in "([a-z]{0,6}[ :,\"\\\\#*>-]{0,3}){0,12}|\\PC*|(?s).*") {
            if let Err(error) = Rules::parse(&text) {
                let line = text.lines().nth(error.line - 1).unwrap();
                prop_assert!(error.column <= line.chars().count() + 1, "{}", error);
            }
        }
    }
}
