//! A text made fit to be shown in a banner: in lines, without control characters, and escaped where markup is read.
//!
//! Not here: the words of a banner. They come plain and short; this holds where they do not.
//!
//! Invariant: never longer than asked for, and looked at only as far as can be shown.

/// `text` in one line of at most `most` characters.
pub(super) fn one_line(text: &str, most: usize) -> String {
    let mut out = String::new();
    let mut count = 0;
    let mut gap = false;
    // A text of which hardly anything can be seen ends there.
    for character in text.chars().take(most.saturating_mul(4)) {
        if turns(character) {
            continue;
        }
        if character.is_whitespace() || character.is_control() {
            gap = count > 0;
            continue;
        }
        // One is left for the ellipsis, which stands wherever something is left out.
        if count + usize::from(gap) + 1 >= most {
            out.push('…');
            return out;
        }
        if gap {
            out.push(' ');
        }
        out.push(character);
        count += 1 + usize::from(gap);
        gap = false;
    }
    out
}

/// The first `most` lines of `text` that say something, each of at most `width` characters.
pub(super) fn lines(text: &str, most: usize, width: usize) -> String {
    let far = text.char_indices().nth(most * width * 4).map_or(text.len(), |(at, _)| at);
    let lines = text[..far].split(['\n', '\u{2028}', '\u{2029}']).map(|line| one_line(line, width));
    lines.filter(|line| !line.is_empty()).take(most).collect::<Vec<_>>().join("\n")
}

/// `text` for somebody who reads markup, so that it is seen as it is.
#[cfg(not(target_os = "macos"))]
pub(super) fn escaped(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for character in text.chars() {
        match character {
            '&' => out.push_str("&amp;"),
            '<' => out.push_str("&lt;"),
            '>' => out.push_str("&gt;"),
            '"' => out.push_str("&quot;"),
            '\'' => out.push_str("&#39;"),
            other => out.push(other),
        }
    }
    out
}

/// Whether the character is not seen, and turns or joins what stands around it.
fn turns(character: char) -> bool {
    matches!(character,
        '\u{ad}' | '\u{61c}' | '\u{180e}' | '\u{200b}' | '\u{200e}' | '\u{200f}' | '\u{202a}'..='\u{202e}'
        | '\u{2060}'..='\u{206f}' | '\u{feff}' | '\u{fff9}'..='\u{fffb}' | '\u{e0000}'..='\u{e007f}'
        | '\u{fffe}' | '\u{ffff}')
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ten_kilobytes_are_one_bounded_line() {
        let line = one_line(&"ü".repeat(10_000), 200);
        assert_eq!((line.chars().count(), line.ends_with('…')), (200, true));
        assert_eq!(one_line(&"\u{202e}".repeat(10_000), 200), "");
        assert!(lines(&"a\n".repeat(10_000), 8, 400).lines().count() == 8);
        assert_eq!(lines(&"\n".repeat(100_000), 8, 400), "");
    }

    #[test]
    fn nothing_turns_the_direction_or_ends_the_line_of_a_title() {
        assert_eq!(one_line("a\u{7}b\nc\u{202e}d\u{0}\u{1b}[1m  e\u{2028}", 80), "a b cd [1m e");
        assert_eq!(lines(" one \r\n\n\ttwo\u{200f}\u{2028}three", 8, 80), "one\ntwo\nthree");
    }

    #[test]
    fn markup_is_escaped_as_a_whole() {
        assert_eq!(escaped("<b>R&D's</b> \"x\""), "&lt;b&gt;R&amp;D&#39;s&lt;/b&gt; &quot;x&quot;");
    }
}
