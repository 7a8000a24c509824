//! Edits inside a document: a member set, an element put in or taken out, and nothing else changed.
//!
//! Not here: what an edit means (`rules`).
//!
//! Invariants:
//! - White space follows what stands around it, so that one value changed is one place in a diff.
//! - What would not be JSON afterwards is refused, and the document stays as it was.

use std::ops::Range;

use serde::Serialize;
use serde::de::DeserializeSeed;
use serde_json::ser::PrettyFormatter;
use serde_json::value::RawValue;

use super::{Document, Spans, SyntaxError};

/// A step from a value to one that stands in it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Step<'a> {
    /// Into an object, to the member of that key; the last one where several have it.
    Key(&'a str),
    /// Into an array, to the element at that place.
    At(usize),
}

/// A member or an element, with its key if it has one.
struct Item {
    whole: Range<usize>,
    value: Range<usize>,
    key: Option<String>,
}

/// An object or an array: what stands between its brackets.
struct Container {
    inner: Range<usize>,
    items: Vec<Item>,
    depth: usize,
}

impl Document {
    /// The value at the end of `path`, as JSON text.
    pub fn at(&self, path: &[Step<'_>]) -> Option<&str> {
        self.text.get(self.span(path)?)
    }

    /// Sets the value at the end of `path` to the JSON text `value`. A member that is not there goes behind the last of
    /// those that `order` names before it, or to the end where `order` does not name it. Answers whether there was a
    /// place for it.
    ///
    /// # Errors
    /// Where `value` is not JSON.
    pub fn set_text(&mut self, path: &[Step<'_>], value: &str, order: &[&str]) -> Result<bool, SyntaxError> {
        let value = one_value(value)?;
        if let Some(span) = self.span(path) {
            return self.splice(span, value).map(|()| true);
        }
        let Some((Step::Key(key), parent)) = path.split_last() else { return Ok(false) };
        let Some(container) = self.container(parent).filter(|_| self.opens_with(parent, '{')) else {
            return Ok(false);
        };
        let place = order.iter().position(|known| known == key);
        let index = place.map_or(container.items.len(), |place| {
            let before = |item: &Item| order[..place].iter().any(|known| item.key.as_deref() == Some(*known));
            container.items.iter().rposition(before).map_or(0, |last| last + 1)
        });
        let key = self.rendered(key, 0)?;
        let item = format!("{key}{}{value}", self.colon());
        self.insert_item(&container, index, &item).map(|()| true)
    }

    /// Sets the value at the end of `path` as [`Document::set_text`] does, in the document's own indentation.
    ///
    /// # Errors
    /// Where `value` cannot be written as JSON.
    pub fn set<T: Serialize + ?Sized>(
        &mut self,
        path: &[Step<'_>],
        value: &T,
        order: &[&str],
    ) -> Result<bool, SyntaxError> {
        let value = self.rendered(value, path.len())?;
        self.set_text(path, &value, order)
    }

    /// Puts the JSON text `value` into the array at the end of `path`, before the element at `index`, or at its end.
    /// Answers whether there is an array.
    ///
    /// # Errors
    /// Where `value` is not JSON.
    pub fn insert_text(&mut self, path: &[Step<'_>], index: usize, value: &str) -> Result<bool, SyntaxError> {
        let value = one_value(value)?;
        let Some(container) = self.container(path).filter(|_| self.opens_with(path, '[')) else {
            return Ok(false);
        };
        let index = index.min(container.items.len());
        self.insert_item(&container, index, value).map(|()| true)
    }

    /// Puts `value` into an array as [`Document::insert_text`] does, in the document's own indentation.
    ///
    /// # Errors
    /// Where `value` cannot be written as JSON.
    pub fn insert<T: Serialize + ?Sized>(
        &mut self,
        path: &[Step<'_>],
        index: usize,
        value: &T,
    ) -> Result<bool, SyntaxError> {
        let value = self.rendered(value, path.len() + 1)?;
        self.insert_text(path, index, &value)
    }

    /// Takes out the member or element at the end of `path`. Answers whether there was one.
    ///
    /// # Errors
    /// None that a document can bring about.
    pub fn remove(&mut self, path: &[Step<'_>]) -> Result<bool, SyntaxError> {
        let Some((last, parent)) = path.split_last() else { return Ok(false) };
        let Some(container) = self.container(parent) else { return Ok(false) };
        let Some(index) = container.find(*last) else { return Ok(false) };
        let items = &container.items;
        let span = match (index.checked_sub(1), items.get(index + 1)) {
            (_, Some(next)) => items[index].whole.start..next.whole.start,
            (Some(previous), None) => items[previous].whole.end..items[index].whole.end,
            (None, None) => container.inner.clone(),
        };
        self.splice(span, "").map(|()| true)
    }

    fn span(&self, path: &[Step<'_>]) -> Option<Range<usize>> {
        let Some((last, parent)) = path.split_last() else {
            let end = self.text.trim_end().len();
            return Some(self.text.find('{')?..end);
        };
        let container = self.container(parent)?;
        container.find(*last).map(|at| container.items[at].value.clone())
    }

    fn opens_with(&self, path: &[Step<'_>], bracket: char) -> bool {
        self.at(path).is_some_and(|text| text.starts_with(bracket))
    }

    fn container(&self, path: &[Step<'_>]) -> Option<Container> {
        let span = self.span(path)?;
        let text = self.text.get(span.clone())?;
        let offset = |raw: &RawValue| {
            // A raw value borrows from the text, so its address says where it stands.
            let start = raw.get().as_ptr() as usize - self.text.as_ptr() as usize;
            start..start + raw.get().len()
        };
        let values: Vec<(Option<String>, Range<usize>)> = if text.starts_with('{') {
            let mut json = serde_json::Deserializer::from_str(text);
            let members = Spans { text: &self.text }.deserialize(&mut json).ok()?;
            members.into_iter().map(|member| (Some(member.key), member.value)).collect()
        } else if text.starts_with('[') {
            let elements: Vec<&RawValue> = serde_json::from_str(text).ok()?;
            elements.into_iter().map(|raw| (None, offset(raw))).collect()
        } else {
            return None;
        };
        let mut from = span.start + 1;
        let mut items = Vec::with_capacity(values.len());
        for (key, value) in values {
            // Between one value and the next key stand white space and a comma alone.
            let start = match key {
                Some(_) => from + self.text.get(from..value.start)?.find('"')?,
                None => value.start,
            };
            from = value.end;
            items.push(Item { whole: start..value.end, value, key });
        }
        Some(Container { inner: span.start + 1..span.end - 1, items, depth: path.len() })
    }

    fn insert_item(&mut self, container: &Container, index: usize, item: &str) -> Result<(), SyntaxError> {
        let items = &container.items;
        if items.is_empty() {
            let line = |depth: usize| self.line(depth).unwrap_or_default();
            let inner = format!("{}{item}{}", line(container.depth + 1), line(container.depth));
            return self.splice(container.inner.clone(), &inner);
        }
        let gap = self.gap(container, index);
        match items.get(index) {
            Some(next) => self.splice(next.whole.start..next.whole.start, &format!("{item},{gap}")),
            None => {
                let end = items[items.len() - 1].whole.end;
                self.splice(end..end, &format!(",{gap}{item}"))
            }
        }
    }

    /// The white space that separates an item at `index` from its neighbour, as its neighbours have it.
    fn gap(&self, container: &Container, index: usize) -> String {
        let items = &container.items;
        let between = |left: usize| {
            let text = &self.text[items[left].whole.end..items[left + 1].whole.start];
            text.split_once(',').map_or("", |(_, gap)| gap)
        };
        let first = &self.text[container.inner.start..items[0].whole.start];
        match index.min(items.len() - 1).checked_sub(1) {
            Some(left) => between(left).to_owned(),
            None if first.contains('\n') => first.to_owned(),
            None if items.len() > 1 => between(0).to_owned(),
            None if self.line(0).is_some() => " ".to_owned(),
            None => String::new(),
        }
    }

    /// The white space before the first member of the document, if it stands on a line of its own.
    fn margin(&self) -> Option<&str> {
        let open = self.text.find('{')?;
        let inner = &self.text[open + 1..];
        let margin = &inner[..inner.len() - inner.trim_start().len()];
        margin.contains('\n').then_some(margin)
    }

    /// What begins a line at `depth`; `None` where the document is one line.
    fn line(&self, depth: usize) -> Option<String> {
        if self.members.is_empty() {
            return Some(format!("\n{}", "  ".repeat(depth)));
        }
        let margin = self.margin()?;
        let (_, unit) = margin.rsplit_once('\n')?;
        let end = if margin.contains("\r\n") { "\r\n" } else { "\n" };
        Some(format!("{end}{}", unit.repeat(depth)))
    }

    fn colon(&self) -> String {
        let first = self.members.first().and_then(|member| {
            let before = self.text.get(..member.value.start)?;
            before.get(before.rfind('"')? + 1..).map(str::to_owned)
        });
        first.unwrap_or_else(|| ": ".to_owned())
    }

    /// `value` as JSON text at `depth`, in the document's own indentation.
    fn rendered<T: Serialize + ?Sized>(&self, value: &T, depth: usize) -> Result<String, SyntaxError> {
        let failed = |error: serde_json::Error| SyntaxError::from_json(b"", &error);
        let (Some(outer), Some(line)) = (self.line(depth), self.line(1)) else {
            return serde_json::to_string(value).map_err(failed);
        };
        let unit = line.trim_start_matches(['\r', '\n']);
        let mut bytes = Vec::new();
        let formatter = PrettyFormatter::with_indent(unit.as_bytes());
        value
            .serialize(&mut serde_json::Serializer::with_formatter(&mut bytes, formatter))
            .map_err(failed)?;
        let text = String::from_utf8(bytes).map_err(|error| {
            let valid = error.utf8_error().valid_up_to();
            SyntaxError::not_utf8(error.as_bytes(), valid)
        })?;
        Ok(text.replace('\n', &outer))
    }

    fn splice(&mut self, span: Range<usize>, text: &str) -> Result<(), SyntaxError> {
        let mut whole = self.text.clone();
        whole.replace_range(span, text);
        *self = Self::parse(whole.into_bytes())?;
        Ok(())
    }
}

impl Container {
    fn find(&self, step: Step<'_>) -> Option<usize> {
        match step {
            Step::Key(key) => self.items.iter().rposition(|item| item.key.as_deref() == Some(key)),
            Step::At(index) => (self.items.get(index)?.key.is_none()).then_some(index),
        }
    }
}

/// `text` as one JSON value without the white space around it.
fn one_value(text: &str) -> Result<&str, SyntaxError> {
    let raw: &RawValue =
        serde_json::from_str(text).map_err(|error| SyntaxError::from_json(text.as_bytes(), &error))?;
    Ok(raw.get())
}

#[cfg(test)]
mod tests;
