//! Kanbus's short form of an issue id.
//!
//! The rule is Kanbus's `format_issue_key` (0.41): the prefix up to the first hyphen, then the first six characters
//! of the rest without its hyphens, and a `.n` suffix kept.

/// How many characters of the id's body the short form keeps.
const BODY: usize = 6;

/// The short form of `id`, with its prefix.
pub fn short_key(id: &str) -> String {
    if id.chars().all(|c| c.is_ascii_digit()) {
        return id.to_owned();
    }
    let (prefix, rest) = match id.split_once('-') {
        Some((prefix, rest)) if !prefix.is_empty() && !rest.is_empty() => (Some(prefix), rest),
        _ => (None, id),
    };
    let (body, suffix) = match rest.split_once('.') {
        Some((body, suffix)) => (body, Some(suffix)),
        None => (rest, None),
    };
    let mut key = String::with_capacity(id.len());
    if let Some(prefix) = prefix {
        key.push_str(prefix);
        key.push('-');
    }
    key.extend(body.chars().filter(|c| *c != '-').take(BODY));
    if let Some(suffix) = suffix {
        key.push('.');
        key.push_str(suffix);
    }
    key
}

#[cfg(test)]
mod tests {
    use super::short_key;

    #[test]
    fn short_keys_are_the_ones_kanbus_prints() {
        for (id, key) in [
            ("kanbus-daa9be65-db62-4830-98fe-6fac0ee59cdf", "kanbus-daa9be"),
            ("tskl-60c", "tskl-60c"),
            ("bdx-1.2", "bdx-1.2"),
            ("tskl-0lb.12", "tskl-0lb.12"),
            ("custom-uuid-0000001", "custom-uuid00"),
            ("42", "42"),
            ("nohyphen", "nohyph"),
            ("-x", "x"),
        ] {
            assert_eq!(short_key(id), key, "the key of {id}");
        }
    }
}
