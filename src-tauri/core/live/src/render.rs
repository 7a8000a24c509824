//! From the Markdown of an issue to HTML that is safe to show.
//!
//! The text is a stranger's. Not here: how links are opened, which the doors ask for.
//!
//! Invariants:
//! - What comes out has no script, no style, no form, no image and nothing else that makes a browser ask the network.
//! - A hostile text costs a second at the most: what is very long or nests too deep is shown as plain text.

use std::collections::HashSet;
use std::sync::LazyLock;

use ammonia::Builder;
use pulldown_cmark::{Event, Options, Parser, Tag, TagEnd, html};

/// Deeper than this nobody quotes; the sanitiser walks the tree.
const DEEPEST: usize = 40;
/// Longer than this a text is shown as it is written, in bytes: the sanitiser is slow on some long ones.
const LONGEST: usize = 96 << 10;
/// When the texts of an issue come to more than this, in bytes, the rest of them is shown as it is written.
const MOST: usize = 512 << 10;

static SANITISER: LazyLock<Builder<'static>> = LazyLock::new(|| {
    let mut sanitiser = Builder::default();
    sanitiser
        .rm_tags(["img", "map", "area", "figure", "figcaption"])
        .add_tags(["input"])
        .add_tag_attributes("input", ["type", "checked", "disabled"])
        .add_tag_attribute_values("input", "type", ["checkbox"])
        .url_schemes(HashSet::from(["http", "https", "mailto"]))
        .url_relative(ammonia::UrlRelative::Deny)
        .link_rel(Some("noopener noreferrer nofollow"));
    sanitiser
});

/// `markdown` as it will be shown once it is written: sanitised HTML. May take a second.
pub fn render(markdown: &str) -> String {
    Renderer::default().render(markdown)
}

/// Renders the texts of one issue.
#[derive(Debug, Default)]
pub(crate) struct Renderer {
    rendered: usize,
}

impl Renderer {
    /// `markdown` as sanitised HTML.
    pub(crate) fn render(&mut self, markdown: &str) -> String {
        self.rendered = self.rendered.saturating_add(markdown.len());
        if markdown.len() > LONGEST || self.rendered > MOST || nests_too_deep(markdown) {
            return plain(markdown);
        }
        let mut unsafe_html = String::with_capacity(markdown.len() * 3 / 2);
        html::push_html(&mut unsafe_html, parser(markdown).map(without_image));
        SANITISER.clean(&unsafe_html).to_string()
    }
}

fn parser(markdown: &str) -> Parser<'_> {
    let options = Options::ENABLE_TABLES | Options::ENABLE_STRIKETHROUGH | Options::ENABLE_TASKLISTS;
    Parser::new_ext(markdown, options)
}

/// An image is remote by nature; its place is kept by a link to it.
fn without_image(event: Event<'_>) -> Event<'_> {
    match event {
        Event::Start(Tag::Image { link_type, dest_url, title, id }) => {
            Event::Start(Tag::Link { link_type, dest_url, title, id })
        }
        Event::End(TagEnd::Image) => Event::End(TagEnd::Link),
        // Raw HTML is text that somebody typed, not markup that we run.
        Event::Html(text) | Event::InlineHtml(text) => Event::Text(text),
        other => other,
    }
}

fn nests_too_deep(markdown: &str) -> bool {
    // Cheaper than parsing, and the parser itself is slow on thousands of markers in one line.
    let markers = |line: &str| {
        line.bytes().take_while(|byte| matches!(byte, b'>' | b' ')).filter(|byte| *byte == b'>').count()
    };
    if markdown.lines().any(|line| markers(line) > DEEPEST) {
        return true;
    }
    let mut depth = 0usize;
    parser(markdown).any(|event| {
        match event {
            Event::Start(_) => depth += 1,
            Event::End(_) => depth -= 1,
            _ => {}
        }
        depth > DEEPEST
    })
}

/// In the content of an element only these two characters mean anything.
fn plain(text: &str) -> String {
    format!("<pre>{}</pre>", text.replace('&', "&amp;").replace('<', "&lt;"))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn render(markdown: &str) -> String {
        Renderer::default().render(markdown)
    }

    #[test]
    fn ordinary_markdown_is_rendered() {
        let html =
            render("# Plan\n\n- [x] one\n- `two`\n\n| a |\n|---|\n| b |\n\n~~old~~ <https://example.com>");
        for part in [
            "<h1>Plan</h1>",
            "checkbox",
            "<code>two</code>",
            "<td>b</td>",
            "<del>old</del>",
            "href=\"https://example.com\"",
        ] {
            assert!(html.contains(part), "{part} is missing in {html}");
        }
    }

    #[test]
    fn nothing_hostile_survives() {
        let hostile = "<script>alert(1)</script> <img src=x onerror=alert(1)> [a](javascript:alert(1)) \
            ![b](http://evil.example/x.png) [c](data:text/html,x) <a href=\"//evil.example\" onclick=x>d</a>\n\n\
            <style>*{display:none}</style><iframe src=\"http://evil.example\"></iframe><form action=x><svg onload=x>";
        let html = render(hostile);
        for part in [
            "<script",
            "<img",
            "<style",
            "<iframe",
            "<form",
            "<svg",
            "href=\"javascript:",
            "href=\"data:",
            "<a href=\"//",
        ] {
            assert!(!html.contains(part), "{part} survives in {html}");
        }
        assert!(html.contains("&lt;script&gt;"), "what was typed is shown: {html}");
    }

    #[test]
    fn what_the_texts_of_an_issue_may_cost_together_is_bounded() {
        let mut renderer = Renderer::default();
        let texts: Vec<String> = (0..10).map(|_| renderer.render(&"*a* ".repeat(20_000))).collect();
        assert!(texts[0].contains("<em>"), "the first is rendered");
        assert!(texts[9].starts_with("<pre>"), "the last is shown as it is written");
    }

    #[test]
    fn a_text_that_nests_without_end_is_shown_as_it_is_written() {
        for hostile in [
            ">".repeat(1 << 20),
            "> ".repeat(1 << 19),
            "- ".repeat(100_000),
            "*".repeat(200_000),
            "[".repeat(200_000),
            "`".repeat(200_001),
        ] {
            let html = render(&hostile);
            assert!(!html.is_empty() && html.len() < hostile.len() * 6);
        }
    }
}
