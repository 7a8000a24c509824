//! `hear serve`: who may ask, and what is answered.

use hearsay_tests::http::ask;
use hearsay_tests::{Board, Issue, Project, Server, record};
use serde_json::json;

fn serving(count: usize) -> (Project, Server) {
    let project = Project::with_issues(count);
    let server = project.caller().serve(project.root());
    (project, server)
}

#[test]
fn the_token_is_traded_for_a_cookie_that_opens_everything() {
    let (project, server) = serving(3);
    let (host, port) = (server.host(), server.port);
    let traded = ask(port, "GET", &format!("/?token={}", server.token), &[("Host", &host)]);
    assert_eq!((traded.status, traded.header("location")), (303, Some("/")));
    let cookie = traded.header("set-cookie").expect("a cookie").to_owned();
    assert!(cookie.contains("HttpOnly") && cookie.contains("SameSite=Strict"), "{cookie}");
    let pair = cookie.split(';').next().unwrap();
    let board = ask(port, "GET", "/api/board", &[("Host", &host), ("Cookie", pair)]);
    assert_eq!(board.status, 200);
    assert_eq!(
        board.body.trim_end(),
        project.caller().board(project.root()).trim_end(),
        "what hear board prints"
    );
}

#[test]
fn without_the_token_nothing_is_answered() {
    let (_project, server) = serving(3);
    let (host, port) = (server.host(), server.port);
    for path in
        ["/", "/api/board", "/api/board/stream?mode=delta", "/api/issues/demo-0", "/assets/x.js", "/nowhere"]
    {
        for extra in [
            &[][..],
            &[("Authorization", "Bearer wrong")],
            &[("Cookie", "hearsay=wrong")],
            &[("Authorization", "Bearer ")],
        ] {
            let answer = ask(port, "GET", path, &[&[("Host", host.as_str())], extra].concat());
            assert_eq!(answer.status, 401, "{path} {extra:?}");
            assert_eq!(answer.json()["code"], "unauthorized");
            assert!(!answer.body.contains("demo-0"), "nothing is shown");
        }
    }
    assert_eq!(ask(port, "GET", "/?token=wrong", &[("Host", &host)]).status, 401);
    let in_the_query = format!("/api/board?token={}", server.token);
    assert_eq!(
        ask(port, "GET", &in_the_query, &[("Host", &host)]).status,
        401,
        "the query opens the root alone"
    );
}

#[test]
fn strange_hosts_and_pages_are_refused_even_with_the_token() {
    let (_project, server) = serving(3);
    let (port, bearer) = (server.port, format!("Bearer {}", server.token));
    let status = |host: Option<&str>, origin: Option<&str>| {
        let mut headers = vec![("Authorization", bearer.as_str())];
        headers.extend(host.map(|host| ("Host", host)));
        headers.extend(origin.map(|origin| ("Origin", origin)));
        ask(port, "GET", "/api/board", &headers).status
    };
    let own = server.host();
    let page = format!("http://{own}");
    assert_eq!(status(Some(&own), None), 200);
    assert_eq!(status(Some(&format!("localhost:{port}")), Some(&format!("http://localhost:{port}"))), 200);
    assert_eq!(status(Some(&own), Some(&page)), 200, "our own page may ask");
    for host in ["evil.example", &format!("evil.example:{port}"), "127.0.0.1.evil.example", "169.254.169.254"]
    {
        assert_eq!(status(Some(host), None), 403, "{host}");
    }
    for origin in ["http://evil.example", "null", &format!("https://{own}"), "http://127.0.0.1:1", "file://"]
    {
        assert_eq!(status(Some(&own), Some(origin)), 403, "{origin}");
    }
    let nameless = status(None, None);
    assert!(nameless == 400 || nameless == 403, "a request names its host: {nameless}");
}

#[test]
fn a_board_that_is_known_is_not_sent_again() {
    let (project, server) = serving(3);
    let first = server.get("/api/board");
    let etag = first.header("etag").expect("an etag").to_owned();
    assert_eq!(etag, format!("\"{}\"", Board::parse(&first.body).tag), "the tag is the etag");
    for known in [etag.clone(), format!("W/{etag}"), format!("\"other\", {etag}")] {
        let again = server.get_with("/api/board", &[("If-None-Match", &known)]);
        assert_eq!(
            (again.status, again.body.as_str(), again.header("etag")),
            (304, "", Some(etag.as_str())),
            "{known}"
        );
    }
    project.put(&Issue::new("demo-1", "Changed"));
    let fresh = project.caller().board(project.root());
    let changed = hearsay_tests::wait::until("the new board", || {
        Some(server.get_with("/api/board", &[("If-None-Match", &etag)])).filter(|answer| answer.status == 200)
    });
    assert_eq!(changed.body.trim_end(), fresh.trim_end());
}

#[test]
fn an_issue_is_answered_with_its_file_its_texts_and_its_events() {
    let project = Project::with_issues(2);
    for at in 0..3 {
        let (path, text) = record::event("demo-1", "grace", 10 + at, at);
        project.write(&path, text);
    }
    let mut issue = Issue::new("demo-1", "With texts");
    issue.description = "Some *emphasis*.".into();
    issue.comments = vec!["A **strong** word.".into()];
    project.put(&issue);
    let server = project.caller().serve(project.root());
    let answer = server.get("/api/issues/demo-1");
    assert_eq!(answer.status, 200, "{}", answer.body);
    let detail = answer.json();
    let blob = project.git(&["hash-object", &record::path("demo-1")]);
    assert_eq!(detail["base"], blob.trim(), "the base is what Git would call the file");
    assert_eq!(detail["issue"]["title"], "With texts");
    assert!(detail["html"]["description"].as_str().unwrap().contains("<em>emphasis</em>"));
    assert!(detail["html"]["comments"][0]["html"].as_str().unwrap().contains("<strong>strong</strong>"));
    let events = detail["events"].as_array().unwrap();
    let times: Vec<&str> = events.iter().map(|event| event["occurred_at"].as_str().unwrap()).collect();
    assert_eq!(times.len(), 3);
    assert!(times.is_sorted_by(|newer, older| newer >= older), "newest first: {times:?}");
    for (path, status) in
        [("/api/issues/demo-nowhere", 404), ("/api/nowhere", 404), ("/api/issues/demo-1/nowhere", 404)]
    {
        let answer = server.get(path);
        assert_eq!((answer.status, answer.json()["code"].as_str()), (status, Some("not_found")), "{path}");
    }
}

#[test]
fn an_issue_whose_file_is_broken_is_answered_as_it_is_committed() {
    let (project, server) = serving(2);
    project.write(&record::path("demo-1"), "{ broken");
    let answer = hearsay_tests::wait::until("the broken file", || {
        Some(server.get("/api/issues/demo-1"))
            .filter(|answer| answer.status == 200 && answer.json()["base"].is_null())
    });
    assert_eq!(answer.json()["issue"]["title"], "Issue 1");
}

#[test]
fn methods_that_are_no_commands_change_nothing_and_commands_need_the_token() {
    let (project, server) = serving(2);
    let before = hearsay_tests::snapshot::snapshot(project.root());
    let bearer = format!("Bearer {}", server.token);
    for method in ["POST", "PUT", "DELETE", "PATCH", "OPTIONS", "TRACE"] {
        for path in ["/api/board", "/api/issues/demo-0", "/api/commands", "/"] {
            let headers = [
                ("Host", server.host()),
                ("Authorization", bearer.clone()),
                ("Content-Length", "0".to_owned()),
            ];
            let headers: Vec<(&str, &str)> =
                headers.iter().map(|(name, value)| (*name, value.as_str())).collect();
            // That one is a command.
            let told =
                if (method, path) == ("DELETE", "/api/issues/demo-0") { &headers[..1] } else { &headers };
            let answer = ask(server.port, method, path, told);
            assert!((400..500).contains(&answer.status), "{method} {path}: {}", answer.status);
        }
    }
    let host = server.host();
    let stranger = [("Host", host.as_str()), ("Authorization", &bearer), ("Origin", "http://evil.example")];
    assert_eq!(ask(server.port, "DELETE", "/api/issues/demo-0", &stranger).status, 403, "a stranger's page");
    assert!(hearsay_tests::snapshot::snapshot(project.root()) == before);
}

#[test]
fn a_text_is_previewed_as_the_comment_will_be_shown_and_to_nobody_else() {
    let (_project, server) = serving(1);
    let text = "Seen *twice* <script>alert(1)</script> [here](javascript:x) ![](https://example.invalid/x)";
    let preview = server.tell("POST", "/api/render", &json!({"text": text}));
    let html = preview.json()["html"].as_str().expect("HTML").to_owned();
    assert!(html.contains("<em>twice</em>") && !html.contains("<script") && !html.contains("<img"), "{html}");
    server.command(&json!({"type": "comment", "id": "demo-0", "text": text}));
    let shown = server.get("/api/issues/demo-0").json();
    assert_eq!(shown["html"]["comments"][0]["html"], html.as_str(), "{shown}");

    let wrong = server.tell("POST", "/api/render", &json!({"words": text}));
    assert_eq!((wrong.status, &wrong.json()["code"]), (400, &json!("invalid")));
    assert!(wrong.json()["hint"].is_string());
    let host = server.host();
    assert_eq!(ask(server.port, "POST", "/api/render", &[("Host", &host)]).status, 401, "without the token");
}

#[test]
fn a_port_that_is_taken_is_said_with_what_to_do() {
    let (project, server) = serving(1);
    let root = project.root().to_string_lossy().into_owned();
    let output = project.caller().run(&["serve", "--port", &server.port.to_string(), &root]);
    let said = String::from_utf8_lossy(&output.stderr).into_owned();
    assert_eq!(output.status.code(), Some(1));
    assert!(said.starts_with("error[io]: ") && said.contains(&server.port.to_string()), "{said}");
    assert!(said.contains("hint: ") && said.contains("--port"), "{said}");
}

#[test]
fn only_this_machine_is_listened_on() {
    let (_project, server) = serving(1);
    let table = std::fs::read_to_string("/proc/net/tcp").unwrap_or_default();
    let port = format!(":{:04X} ", server.port);
    let listening: Vec<&str> =
        table.lines().filter(|line| line.contains(&port) && line.contains(" 0A ")).collect();
    assert!(!listening.is_empty() && listening.iter().all(|line| line.contains("0100007F")), "{listening:?}");
    let six = std::fs::read_to_string("/proc/net/tcp6").unwrap_or_default();
    assert!(!six.lines().any(|line| line.contains(&port) && line.contains(" 0A ")), "{six}");
}

#[test]
fn a_token_and_a_name_that_are_given_are_used() {
    let project = Project::with_issues(1);
    let mut command = project.caller().command();
    command.args(["serve", "--port", "0", "--token", "chosen", "--host", "board.test"]).arg(project.root());
    let server = Server::new(hearsay_tests::Running::start(&mut command));
    assert_eq!(server.token, "chosen");
    let headers = [("Host", "board.test"), ("Authorization", "Bearer chosen")];
    assert_eq!(ask(server.port, "GET", "/api/board", &headers).status, 200);
}
