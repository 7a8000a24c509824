//! What the real Kanbus client does to a project, seen live.

use hearsay_tests::{Project, Watching, peers};

/// The id of the one issue that `before` does not have.
fn newcomer(watching: &Watching, before: &[String]) -> String {
    let board = &watching.follower.board;
    let new: Vec<&str> =
        board.cards().into_iter().filter(|card| !before.iter().any(|known| known == card)).collect();
    assert_eq!(new.len(), 1, "one issue was created");
    new[0].to_owned()
}

fn create(project: &Project, client: &std::path::Path, watching: &mut Watching, words: &[&str]) -> String {
    let before: Vec<String> = watching.follower.board.cards().into_iter().map(str::to_owned).collect();
    project.kanbus(client, &[&["create"], words].concat());
    watching.settle();
    newcomer(watching, &before)
}

#[test]
fn whatever_kanbus_does_is_on_the_board_and_nothing_of_it_is_a_problem() {
    let Some(client) = peers::kanbus() else { return };
    let project = Project::empty();
    project.git(&["init", "-q", "-b", "main"]);
    project.kanbus(&client, &["init", "--local"]);
    project.commit("kanbus init");
    let mut watching = project.caller().watch(project.root());
    assert!(watching.settle().cards().is_empty(), "nothing is created yet");

    let epic = create(&project, &client, &mut watching, &["Epic of the week", "--type", "epic"]);
    let task = create(
        &project,
        &client,
        &mut watching,
        &["First task", "--parent", &epic, "--description", "Do it."],
    );
    let local = create(&project, &client, &mut watching, &["A private thought", "--local"]);
    let board = watching.settle();
    assert_eq!(board.card(&task)["parent"], epic.as_str());
    assert_eq!(board.card(&epic)["children"], serde_json::json!({"done": 0, "total": 1}));
    assert_eq!(board.card(&local)["source"], "local", "what is in project-local is shown as such");
    assert_eq!(board.card(&task)["by"]["name"], "ada", "the newest event says who");

    let steps: [(&[&str], &str, serde_json::Value); 6] = [
        (&["update", &task, "--status", "in_progress"], "status", "in_progress".into()),
        (&["update", &task, "--title", "First task, reworded"], "title", "First task, reworded".into()),
        (&["comment", &task, "Half of it is done."], "comments", 1.into()),
        (&["dep", &task, "blocked-by", &local], "blocked_by", serde_json::json!([local])),
        (&["dep", &task, "remove", "blocked-by", &local], "blocked_by", serde_json::json!([])),
        (&["close", &task], "status", "closed".into()),
    ];
    for (words, field, value) in steps {
        project.kanbus(&client, words);
        let board = watching.settle();
        assert_eq!(board.card(&task)[field], value, "after kanbus {}", words.join(" "));
        assert_eq!(board.problems(), [] as [serde_json::Value; 0], "after kanbus {}", words.join(" "));
    }
    project.kanbus(&client, &["delete", &task, "--yes"]);
    let board = watching.settle();
    assert!(!board.has_card(&task), "what is deleted is gone");
    assert_eq!(board.card(&epic)["children"]["total"], 0, "and no longer counted");
    assert_eq!(board.cards().len(), 2);
    assert_eq!(watching.follower.fulls, 1, "patches alone brought the subscriber here");
}
