//! Texts of issues that want to run, load or choke: what the API hands to a browser is inert.

use hearsay_tests::{Issue, Project, Server};

/// The description of an issue, and a comment, as the API renders them.
fn rendered(server: &Server, id: &str) -> Vec<String> {
    let answer = server.get(&format!("/api/issues/{id}"));
    assert_eq!(answer.status, 200, "{}", answer.body);
    let html = &answer.json()["html"];
    let comments = html["comments"].as_array().unwrap().iter().map(|comment| &comment["html"]);
    std::iter::once(&html["description"])
        .chain(comments)
        .map(|html| html.as_str().unwrap().to_owned())
        .collect()
}

/// Every tag of `html`, in lower case, from `<` to `>`.
fn tags(html: &str) -> Vec<String> {
    let starts = html.match_indices('<').map(|(at, _)| &html[at..]);
    starts.map(|tag| tag[..tag.find('>').map_or(tag.len(), |end| end + 1)].to_lowercase()).collect()
}

fn assert_inert(html: &str) {
    const INERT: [&str; 32] = [
        "p",
        "a",
        "b",
        "i",
        "em",
        "strong",
        "code",
        "pre",
        "ul",
        "ol",
        "li",
        "h1",
        "h2",
        "h3",
        "h4",
        "h5",
        "h6",
        "blockquote",
        "hr",
        "br",
        "del",
        "table",
        "thead",
        "tbody",
        "tr",
        "th",
        "td",
        "input",
        "div",
        "span",
        "sup",
        "s",
    ];
    for tag in tags(html) {
        let name: String =
            tag.trim_start_matches(['<', '/']).chars().take_while(char::is_ascii_alphanumeric).collect();
        assert!(INERT.contains(&name.as_str()), "a browser acts on {tag}");
        for attribute in [" on", " style=", " src=", " srcset=", " background=", " formaction=", " xlink:"] {
            assert!(!tag.contains(attribute), "a browser acts on {tag}");
        }
        if let Some((_, target)) = tag.split_once("href=\"") {
            let safe =
                ["http://", "https://", "mailto:", "#"].iter().any(|scheme| target.starts_with(scheme));
            assert!(safe, "a link leads to {target}");
        }
    }
}

#[test]
fn nothing_in_an_issue_runs_or_loads_in_a_browser() {
    let hostile = [
        "<script>alert(1)</script>",
        "<img src=x onerror=alert(1)> ![remote](http://evil.example/track.png)",
        "[click](javascript:alert(1)) [click](JaVaScRiPt&#58;alert(1)) [d](data:text/html;base64,PHN2Zz4=)",
        "<a href=\"javascript:alert(1)\" onclick=\"alert(1)\">a</a> <a href=\"//evil.example\">b</a>",
        "<svg onload=alert(1)><style>@import 'http://evil.example'</style></svg>",
        "<iframe src=\"http://evil.example\"></iframe><form action=\"http://evil.example\"><button>x</button></form>",
        "<math><mi//xlink:href=\"data:x,<script>alert(4)</script>\">",
        "</pre></code><base href=\"http://evil.example\"><meta http-equiv=refresh content=\"0;url=http://evil.example\">",
        "```html\n<script>alert(1)</script>\n```",
        "<<script>script>alert(1)<</script>/script>",
        "[ref]: javascript:alert(1)\n[ref]",
        "<details open ontoggle=alert(1)>x</details>",
    ];
    let project = Project::with_issues(1);
    let mut all = Issue::new("demo-hostile", "<script>alert('title')</script>");
    all.description = hostile.join("\n\n");
    all.comments = hostile.iter().map(|text| (*text).to_owned()).collect();
    project.put(&all);
    let server = project.caller().serve(project.root());
    let texts = rendered(&server, "demo-hostile");
    assert_eq!(texts.len(), 1 + hostile.len());
    texts.iter().for_each(|html| assert_inert(html));
    assert!(texts[1].contains("&lt;script&gt;alert(1)"), "what was typed is there to read: {}", texts[1]);
    let answer = server.get("/api/issues/demo-hostile");
    assert_eq!(answer.header("x-content-type-options"), Some("nosniff"));
    assert_eq!(answer.header("content-type"), Some("application/json"), "no browser takes it for a page");
}

#[test]
fn a_megabyte_of_nested_quotes_is_answered_and_inert() {
    let project = Project::with_issues(1);
    for (id, text) in [("demo-quotes", ">".repeat(1 << 20)), ("demo-spaced", "> ".repeat(1 << 19))] {
        let mut issue = Issue::new(id, "Deep");
        issue.description = text;
        project.put(&issue);
    }
    let server = project.caller().serve(project.root());
    for id in ["demo-quotes", "demo-spaced"] {
        for html in rendered(&server, id) {
            assert_inert(&html);
            assert!(html.len() < 8 << 20, "the answer stays in proportion");
        }
    }
    assert_eq!(server.get("/api/board").status, 200, "and the server lives");
}
