//! A stranger's text, made fit to be shown: in one line, and where markup may be read, without any.
//!
//! Not here: which words are said (`line`, `banner`).
//!
//! Invariants:
//! - One line, no control characters, nothing that turns the direction of writing; in plain text nothing that a
//!   notification daemon reads as markup.
//! - Never longer than asked for, cut between characters.

/// `text` in one line of at most `most` characters, an ellipsis among them where it was longer.
pub fn one_line(text: &str, most: usize) -> String {
    line(text, most, shown)
}

/// The same without markup: look-alikes stand for what begins it. Daemons differ in whether they read markup, so an escape
/// would be seen as often as not.
pub fn plain(text: &str, most: usize) -> String {
    line(text, most, |character| match character {
        '<' => Some('‹'),
        '>' => Some('›'),
        '&' => Some('＆'),
        other => shown(other),
    })
}

fn line(text: &str, most: usize, shown: impl Fn(char) -> Option<char>) -> String {
    // Looked at only as far as can be shown, however long the text is.
    let far = most.saturating_mul(4).saturating_add(1);
    let mut out = String::new();
    let mut count = 0;
    let mut gap = false;
    for (seen, character) in text.chars().enumerate() {
        let Some(shown) = shown(character) else { continue };
        if shown == ' ' {
            gap = count > 0;
        } else {
            let more = 1 + usize::from(gap);
            if count + more > most || seen >= far {
                return cut(out, most);
            }
            if gap {
                out.push(' ');
            }
            out.push(shown);
            count += more;
            gap = false;
        }
        if seen >= far {
            return cut(out, most);
        }
    }
    out
}

/// What stands for `character`: nothing, a blank, or itself.
fn shown(character: char) -> Option<char> {
    match character {
        '\u{ad}'
        | '\u{61c}'
        | '\u{180e}'
        | '\u{200b}'
        | '\u{200e}'
        | '\u{200f}'
        | '\u{202a}'..='\u{202e}'
        | '\u{2060}'..='\u{206f}'
        | '\u{feff}'
        | '\u{fff9}'..='\u{fffb}'
        | '\u{e0000}'..='\u{e007f}' => None,
        other if other.is_whitespace() || other.is_control() => Some(' '),
        other => Some(other),
    }
}

fn cut(mut text: String, most: usize) -> String {
    if most == 0 {
        return String::new();
    }
    while text.chars().count() >= most {
        text.pop();
    }
    text.truncate(text.trim_end().len());
    text.push('…');
    text
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn a_text_of_ten_kilobytes_is_cut_between_characters() {
        let long = "ü".repeat(5_000);
        let cut = plain(&long, 80);
        assert_eq!((cut.chars().count(), cut.ends_with("ü…")), (80, true));
        assert_eq!(plain("four", 4), "four");
        assert_eq!(plain("fives", 4), "fiv…");
        assert_eq!(plain("ab cd", 4), "ab…", "no blank before the ellipsis");
        assert_eq!(plain("anything", 0), "");
    }

    #[test]
    fn markup_and_control_characters_do_nothing() {
        assert_eq!(plain("<b>R&D</b>\u{202e}\u{7}\n\tnow ", 80), "‹b›R＆D‹/b› now");
        assert_eq!(one_line("<b>R&D</b>\u{202e}\u{7}\n\tnow ", 80), "<b>R&D</b> now");
        assert_eq!(plain("\n\n\u{200b}", 80), "");
    }

    proptest! {
        #[test]
        fn any_text_becomes_one_plain_line(text in "\\PC*|(?s).*", most in 0usize..50) {
            let (plain, line) = (plain(&text, most), one_line(&text, most));
            prop_assert_eq!(plain.chars().count(), line.chars().count());
            prop_assert!(plain.chars().count() <= most);
            prop_assert!(!plain.chars().any(|c| c.is_control() || "<>&".contains(c)));
            prop_assert_eq!(plain.trim(), plain.as_str());
        }
    }
}
