//! Streams of `hear serve`: both modes, several at once, slow ones, and their end.

use std::time::Duration;

use hearsay_tests::wait::DEADLINE;
use hearsay_tests::{Board, Feed, Follower, Issue, Project, settle};

const WHOLE: &str = "/api/board/stream?mode=delta";

#[test]
fn a_stream_of_patches_carries_one_message_an_event_with_its_tag() {
    let project = Project::with_issues(20);
    let server = project.caller().serve(project.root());
    let mut stream = server.stream(WHOLE);
    let hello = stream.event(DEADLINE).expect("hello");
    assert_eq!((hello.name.as_str(), &hello.id), ("hello", &None));
    let content_type =
        stream.headers().iter().find(|(name, _)| name == "content-type").map(|(_, value)| value.as_str());
    assert_eq!(content_type, Some("text/event-stream"));
    let full = stream.event(DEADLINE).expect("a full board");
    let board = Board::parse(&project.caller().board(project.root()));
    assert_eq!((full.name.as_str(), full.id.as_deref()), ("board_full", Some(board.tag.as_str())));
    project.put(&Issue::new("demo-1", "Changed"));
    let delta = std::iter::from_fn(|| stream.event(DEADLINE))
        .find(|event| event.name == "board_delta")
        .expect("a patch");
    let message: serde_json::Value = serde_json::from_str(&delta.data).unwrap();
    assert_eq!((&message["type"], message["to"].as_str()), (&"board_delta".into(), delta.id.as_deref()));
    assert_eq!(message["from"], board.tag);
}

#[test]
fn a_bare_stream_says_only_that_something_changed() {
    let project = Project::with_issues(20);
    let server = project.caller().serve(project.root());
    let mut stream = server.stream("/api/board/stream");
    assert_eq!(stream.event(DEADLINE).expect("hello").name, "hello");
    project.put(&Issue::new("demo-1", "Changed"));
    let tag = Board::parse(&project.caller().board(project.root())).tag;
    let event = stream.event(DEADLINE).expect("a change");
    assert_eq!((event.name.as_str(), event.data.as_str()), ("board_changed", r#"{"type":"board_changed"}"#));
    assert_eq!(event.id, Some(tag));
    assert_eq!(server.get("/api/board/stream?mode=nonsense").status, 400, "there are two modes");
}

#[test]
fn several_subscribers_agree() {
    let project = Project::with_issues(50);
    let caller = project.caller();
    let server = caller.serve(project.root());
    let mut streams: Vec<_> = (0..5).map(|_| (server.stream(WHOLE), Follower::default())).collect();
    for turn in 0..20 {
        project.put(&Issue::new(&format!("demo-{turn}"), &format!("Turn {turn}")));
        if turn == 10 {
            // One that comes late starts from a full board of its own.
            streams.push((server.stream(WHOLE), Follower::default()));
        }
    }
    let boards: Vec<Board> = streams
        .iter_mut()
        .map(|(stream, follower)| settle(follower, stream, || caller.board(project.root())))
        .collect();
    assert!(boards.windows(2).all(|two| two[0].line() == two[1].line()));
    assert!(streams.iter().all(|(_, follower)| follower.fulls == 1));
    let mut watching = caller.watch(project.root());
    assert_eq!(watching.settle().line(), boards[0].line(), "hear watch agrees as well");
}

/// How much of a title makes a change big.
const BIG: usize = 10_000;
/// How many issues change in a step, and how many steps there are.
const CROWD: usize = 4;
const STEPS: usize = 520;

#[test]
fn a_slow_subscriber_gets_a_full_board_and_ends_as_all_others() {
    let project = Project::new();
    let big =
        |id: usize, turn: usize| Issue::new(&format!("demo-{id}"), &format!("{turn} {}", "x".repeat(BIG)));
    (0..CROWD * 8).for_each(|id| project.put(&big(id, 0)));
    let caller = project.caller();
    let server = caller.serve(project.root());
    let mut slow = server.stream(WHOLE);
    let mut held = Follower::default();
    held.until(&mut slow, "the first full board", |_| true);

    let (mut quick, mut seen) = (server.stream(WHOLE), Follower::default());
    seen.until(&mut quick, "the first full board", |_| true);
    for turn in 1..=STEPS {
        let first = turn % 8 * CROWD;
        (first..first + CROWD).for_each(|id| project.put(&big(id, turn)));
        // One step is one patch or more: what nobody reads in time piles up, and cannot be folded into one.
        let titled = |board: &Board| {
            let title = |id: usize| {
                board.units[&format!("card:demo-{id}")].get().contains(&format!("\"title\":\"{turn} x"))
            };
            (first..first + CROWD).all(title)
        };
        seen.until(&mut quick, "the quick one to see the step", titled);
    }
    assert_eq!(seen.fulls, 1, "the quick one followed by patches alone");
    let board = settle(&mut held, &mut slow, || caller.board(project.root()));
    assert!(held.fulls > 1, "the slow one was let go, and got a full board: {} patches", held.patches.len());
    assert!(held.patches.len() < seen.patches.len(), "and was not sent everything");
    assert_eq!(seen.board.line(), board.line());
}

#[test]
fn open_streams_do_not_keep_the_server_from_ending() {
    let project = Project::with_issues(3);
    let mut server = project.caller().serve(project.root());
    let (mut whole, mut bare, mut unread) =
        (server.stream(WHOLE), server.stream("/api/board/stream"), server.stream(WHOLE));
    assert!(whole.next(DEADLINE).is_some() && bare.next(DEADLINE).is_some());
    server.running.signal(rustix::process::Signal::TERM);
    assert_eq!(server.running.ended().code(), Some(0), "{}", server.running.errors());
    whole.closed();
    bare.closed();
    unread.closed();
    assert_eq!(server.running.errors(), "", "it ends without a word");
}

#[test]
fn a_stream_that_is_left_harms_nobody() {
    let project = Project::with_issues(10);
    let caller = project.caller();
    let server = caller.serve(project.root());
    let (mut staying, mut follower) = (server.stream(WHOLE), Follower::default());
    for turn in 0..20 {
        let mut leaving = server.stream(WHOLE);
        assert!(leaving.next(Duration::from_secs(30)).is_some());
        drop(leaving);
        project.put(&Issue::new("demo-1", &format!("Turn {turn}")));
    }
    let board = settle(&mut follower, &mut staying, || caller.board(project.root()));
    assert_eq!(board.card("demo-1")["title"], "Turn 19");
}
