//! What no field may hold, whatever Kanbus lets pass: control characters, and more than anybody reads.

use serde_json::Value;

use super::refusal::{Code, Refusal};

/// The most characters of a title.
const TITLE: usize = 1_000;
/// The most characters of a name, a label or a key.
const NAME: usize = 200;
/// The most bytes of a text. An envelope with the whole issue must fit into a line of 1 MiB.
const TEXT: usize = 512 * 1024;

/// The most labels or keys of `custom` that are set at once.
const MANY: usize = 200;
/// The most bytes of an issue as a whole, for the same reason as [`TEXT`].
const WHOLE: usize = 1 << 20;

/// Refuses more of something than a person means.
pub(super) fn many(what: &str, count: usize) -> Result<(), Refusal> {
    if count <= MANY {
        return Ok(());
    }
    let message = format!("{count} {what} at once are more than the {MANY} that are allowed");
    Err(Refusal::new(Code::TooLarge, message).hint("Set some of them, then the others."))
}

/// Refuses an issue that grows beyond what everybody reads; `before` is how many bytes it had.
pub(super) fn whole(bytes: usize, before: usize) -> Result<(), Refusal> {
    if bytes <= WHOLE || bytes <= before {
        return Ok(());
    }
    let message = format!("the issue would have {bytes} bytes, more than the {WHOLE} that are allowed");
    Err(Refusal::new(Code::TooLarge, message).hint("Put a part of it into a file and name that file."))
}

/// The title as it is written.
pub(super) fn title(text: &str) -> Result<&str, Refusal> {
    let text = text.trim();
    if text.is_empty() {
        return Err(Refusal::invalid("title is required").hint("Say in a few words what is to be done."));
    }
    line("the title", text, TITLE)
}

/// A name, a label or a key.
pub(super) fn name<'a>(what: &str, text: &'a str) -> Result<&'a str, Refusal> {
    line(what, text, NAME)
}

/// A label as it is written; `None` where there is nothing.
pub(super) fn label(text: &str) -> Result<Option<&str>, Refusal> {
    let text = text.trim();
    if text.contains(',') {
        return Err(Refusal::invalid(format!("the label \"{text}\" has a comma in it"))
            .hint("Kanbus separates labels by commas. Add each on its own."));
    }
    name("a label", text).map(|text| Some(text).filter(|text| !text.is_empty()))
}

/// A description, a comment or a text in `custom`: of several lines, and with tabs.
pub(super) fn text<'a>(what: &str, text: &'a str) -> Result<&'a str, Refusal> {
    short(what, text.len())?;
    lines(what, text).map(|()| text)
}

/// A value in `custom`, whatever stands in it.
pub(super) fn json(what: &str, value: &Value) -> Result<(), Refusal> {
    // As JSON, where each control character is an escape.
    short(what, value.to_string().len())?;
    strings(what, value)
}

fn strings(what: &str, value: &Value) -> Result<(), Refusal> {
    match value {
        Value::String(text) => lines(what, text),
        Value::Array(all) => all.iter().try_for_each(|one| strings(what, one)),
        Value::Object(members) => members.iter().try_for_each(|(key, one)| {
            line(what, key, NAME)?;
            strings(what, one)
        }),
        Value::Null | Value::Bool(_) | Value::Number(_) => Ok(()),
    }
}

fn short(what: &str, bytes: usize) -> Result<(), Refusal> {
    if bytes <= TEXT {
        return Ok(());
    }
    let message = format!("{what} has {bytes} bytes, more than the {TEXT} that are allowed");
    Err(Refusal::new(Code::TooLarge, message).hint("Put it into a file and name that file."))
}

/// A carriage return belongs to the end of a line, as some systems write it: alone it hides what stands before it.
fn lines(what: &str, text: &str) -> Result<(), Refusal> {
    let mut rest = text.chars().peekable();
    while let Some(c) = rest.next() {
        let ends_line = c == '\r' && rest.peek() == Some(&'\n');
        if c.is_control() && !ends_line && !matches!(c, '\n' | '\t') {
            return Err(control(what, c));
        }
    }
    Ok(())
}

fn line<'a>(what: &str, text: &'a str, most: usize) -> Result<&'a str, Refusal> {
    if let Some(odd) = text.chars().find(|c| c.is_control()) {
        return Err(control(what, odd));
    }
    let length = text.chars().count();
    if length > most {
        let message = format!("{what} has {length} characters, more than the {most} that are allowed");
        return Err(Refusal::new(Code::TooLarge, message).hint("Put the rest into the description."));
    }
    Ok(text)
}

fn control(what: &str, odd: char) -> Refusal {
    Refusal::invalid(format!("{what} has the control character U+{:04X} in it", u32::from(odd)))
        .hint("Remove it; it may have come with what was pasted.")
}
