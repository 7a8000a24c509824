//! Kanbus's own commands beside a participant: as without it where nothing is heard, and said where they refuse.

use std::path::{Path, PathBuf};
use std::process::{Output, Stdio};

use hearsay_tests::envelope::deleted;
use hearsay_tests::growth::Chance;
use hearsay_tests::wait::until;
use hearsay_tests::{Bus, Project, peers};

use crate::party::Party;

/// How many commands Kanbus is given.
const COMMANDS: usize = 200;
/// How many issues there are to begin with.
const ISSUES: usize = 6;

/// A working tree that Kanbus works in, and what it calls its issues.
struct Desk {
    project: Project,
    client: PathBuf,
    ids: Vec<String>,
}

impl Desk {
    /// The words of a command, with `@n` for the full and `#n` for the short id of an issue.
    fn words(&self, command: &[String]) -> Vec<String> {
        let id = |number: &str| self.ids[number.parse::<usize>().expect("a number")].clone();
        let word = |word: &String| match word.split_at(1) {
            ("@", number) => id(number),
            ("#", number) => short(&id(number)),
            _ => word.clone(),
        };
        command.iter().map(word).collect()
    }

    fn start(&self, command: &[String]) -> std::process::Child {
        let mut process = self.project.machine().command(&self.client);
        process.args(self.words(command)).current_dir(self.project.root());
        process.stdin(Stdio::null()).stdout(Stdio::piped()).stderr(Stdio::piped());
        process.spawn().expect("the client runs")
    }

    /// Learns the id of an issue that was made since.
    fn learn(&mut self) {
        let entries = std::fs::read_dir(self.project.at("project/issues")).expect("issues").flatten();
        let names = entries.map(|entry| entry.file_name().to_string_lossy().into_owned());
        let mut new: Vec<String> = names
            .filter_map(|name| name.strip_suffix(".json").map(str::to_owned))
            .filter(|id| !self.ids.contains(id))
            .collect();
        assert!(new.len() < 2, "one at a time: {new:?}");
        self.ids.append(&mut new);
    }

    /// What a command said, with what differs from tree to tree and from second to second taken out.
    fn plain(&self, output: &Output) -> String {
        let mut said = format!("{}\n", output.status);
        said.push_str(&String::from_utf8_lossy(&output.stdout));
        said.push_str(&String::from_utf8_lossy(&output.stderr));
        for (number, id) in self.ids.iter().enumerate() {
            let (full, key) = (format!("<full {number}>"), format!("<short {number}>"));
            let stem = short(id).replace("demo-", "");
            said = said.replace(id, &full).replace(&short(id), &key).replace(&stem, &key);
        }
        let said: String = said.split_inclusive([' ', '\n']).map(without_uuid).collect();
        let mut lines: Vec<String> =
            said.replace(|c: char| c.is_ascii_digit(), "0").lines().map(str::to_owned).collect();
        // Lists are ordered by id, which is by chance.
        lines.sort();
        lines.join("\n")
    }

    /// The issue of that number, without ids and times.
    fn issue(&self, number: usize) -> Option<serde_json::Value> {
        let text =
            std::fs::read_to_string(self.project.at(&hearsay_tests::record::path(&self.ids[number]))).ok()?;
        let mut issue: serde_json::Value = serde_json::from_str(&text).expect("an issue is JSON");
        for comment in issue["comments"].as_array_mut().into_iter().flatten() {
            comment["id"].take();
            comment["created_at"].take();
        }
        for field in ["id", "created_at", "updated_at", "closed_at"] {
            issue[field] = issue[field].is_null().into();
        }
        for dependency in issue["dependencies"].as_array_mut().into_iter().flatten() {
            let target = self.ids.iter().position(|id| *id == dependency["target"]);
            dependency["target"] = target.into();
        }
        Some(issue)
    }
}

/// A word, but for the id of a comment or an event, whole or as the six digits in brackets that a list shows.
fn without_uuid(word: &str) -> String {
    let (bare, end) = word.split_at(word.trim_end().len());
    let is_of_uuid = |text: &str| text.bytes().all(|byte| byte.is_ascii_hexdigit() || byte == b'-');
    let short = bare.strip_prefix('[').and_then(|rest| rest.strip_suffix(']'));
    match short {
        Some(short) if short.len() == 6 && is_of_uuid(short) => format!("[<id>]{end}"),
        None if bare.len() == 36 && is_of_uuid(bare) => format!("<id>{end}"),
        _ => word.to_owned(),
    }
}

/// Kanbus's short form of an id: the key, and the first six of the rest.
fn short(id: &str) -> String {
    let rest = id.strip_prefix("demo-").expect("every id here has the key").replace('-', "");
    format!("demo-{}", &rest[..6])
}

/// A command that was drawn: some of them are refused, which is the same with and without us.
fn draw(chance: &mut Chance, turn: usize, issues: usize) -> Vec<String> {
    let mut below = |count: usize| usize::try_from(chance.below(count as u64)).expect("small");
    let (one, other) = (below(issues), below(issues));
    let sigil = ["@", "#"][turn % 2];
    let id = format!("{sigil}{one}");
    let status = ["open", "in_progress", "blocked", "closed", "backlog"][below(5)];
    let words: Vec<String> = match below(12) {
        0 | 1 => vec!["update".into(), id, "--title".into(), format!("Title of turn {turn}")],
        2 | 3 => vec!["update".into(), id, "--status".into(), status.into()],
        4 => vec!["update".into(), id, "--priority".into(), below(5).to_string()],
        5 => vec!["update".into(), id, "--add-label".into(), format!("label-{}", below(4))],
        6 => vec!["update".into(), id, "--description".into(), format!("Described at turn {turn}.")],
        7 | 8 => vec!["comment".into(), id, format!("Said at turn {turn}.")],
        9 => vec!["dep".into(), id, "blocked-by".into(), format!("{sigil}{other}")],
        10 => vec!["show".into(), id],
        _ if turn.is_multiple_of(3) => {
            vec!["create".into(), format!("Made at turn {turn}"), "--no-agent-provenance".into()]
        }
        _ => vec!["list".into()],
    };
    words
}

/// Gives both the same command at the same time, and compares.
fn both(desks: &mut [Desk; 2], command: &[String]) {
    let children = [desks[0].start(command), desks[1].start(command)];
    let outputs = children.map(|child| child.wait_with_output().expect("the client ends"));
    desks.iter_mut().for_each(Desk::learn);
    let [with, without] = [desks[0].plain(&outputs[0]), desks[1].plain(&outputs[1])];
    assert_eq!(with, without, "kanbus {} says the same", command.join(" "));
}

fn desk(client: &Path) -> Desk {
    Desk { project: Project::gossiping(0), client: client.to_owned(), ids: Vec::new() }
}

#[test]
fn two_hundred_commands_work_beside_a_participant_exactly_as_without_it() {
    let Some(client) = peers::kanbus() else { return };
    let mut desks = [desk(&client), desk(&client)];
    let mut watching = desks[0].project.watch();
    watching.listens(&["uds"]);
    for number in 0..ISSUES {
        both(&mut desks, &["create".into(), format!("Issue {number}"), "--no-agent-provenance".into()]);
    }
    let mut chance = Chance(11);
    for turn in 0..COMMANDS {
        let command = draw(&mut chance, turn, desks[0].ids.len());
        both(&mut desks, &command);
    }
    assert_eq!(desks[0].ids.len(), desks[1].ids.len());
    for number in 0..desks[0].ids.len() {
        assert_eq!(desks[0].issue(number), desks[1].issue(number), "issue {number} came out the same");
    }
    let board = watching.settle();
    assert!(board.cards().iter().all(|id| board.card(id)["heard"].is_null()), "what was done here is fact");
    until("nothing to be kept of what was done here", || desks[0].project.overlay().is_empty().then_some(()));
}

#[test]
fn what_kanbus_refuses_because_of_something_heard_is_said_until_the_pull_lands() {
    let Some(client) = peers::kanbus() else { return };
    let mut party = Party::new(3);
    let colleague = party.project.clone_as("colleague");
    let root = party.project.root().to_string_lossy().into_owned();
    let doctor = |party: &Party| {
        let output = party.project.caller().run(&["doctor", &root]);
        String::from_utf8_lossy(&output.stdout).into_owned()
    };
    assert!(!doctor(&party).contains("demo-1"), "nothing is wrong with it: {}", doctor(&party));

    colleague.kanbus(&client, &["update", "demo-1", "--title", "Changed elsewhere"]);
    party.watching.hears("demo-1", |card| card["title"] == "Changed elsewhere");
    let board = party.settle();
    assert_eq!(board.notes("demo-1"), ["kanbus_refuses"]);
    let refused = party.project.try_kanbus(&client, &["update", "demo-1", "--priority", "0"]);
    assert!(!refused.status.success(), "so it does");
    assert!(String::from_utf8_lossy(&refused.stderr).contains("concurrent modification"));
    let said = doctor(&party);
    assert!(said.contains("demo-1"), "hear doctor names it: {said}");
    let found = party.project.caller().run(&["doctor", &root, "--json"]);
    let found: serde_json::Value = serde_json::from_slice(&found.stdout).expect("hear doctor --json is JSON");
    assert!(found.to_string().contains("demo-1"), "{found}");
    assert!(party.project.snapshot_of("demo-1").is_some(), "nobody but a pull takes away what is heard");

    colleague.push();
    party.project.pull();
    party.watching.is_fact("demo-1");
    until("the entry to be gone", || party.overlay().is_empty().then_some(()));
    assert_eq!(party.settle().notes("demo-1"), [] as [String; 0]);
    assert!(!doctor(&party).contains("demo-1"), "{}", doctor(&party));
    party.project.kanbus(&client, &["update", "demo-1", "--priority", "0"]);
    party.project.kanbus(&client, &["comment", "demo-1", "It works again."]);
    assert_eq!(party.settle().card("demo-1")["priority"], 0);
}

#[test]
fn kanbus_and_hearsay_tidy_one_overlay_side_by_side() {
    let Some(client) = peers::kanbus() else { return };
    let mut party = Party::new(4);
    let root = party.project.root().to_string_lossy().into_owned();
    for round in 0..5 {
        for number in 0..4 {
            party.hears(&crate::party::retitled(number, &format!("Round {round}")).changed(10 + round));
        }
        party.project.kanbus(&client, &["overlay", "reconcile", "--all", "--prune"]);
        assert!(party.project.caller().run(&["overlay", "reconcile", "--prune", &root]).status.success());
        party.project.kanbus(&client, &["overlay", "gc", "--all"]);
        assert!(party.project.caller().run(&["overlay", "gc", &root]).status.success());
        let board = party.settle();
        let title = format!("Round {round}");
        assert!(
            (0..4).all(|number| board.card(&format!("demo-{number}"))["title"] == title.as_str()),
            "round {round}"
        );
        let listed = party.project.kanbus(&client, &["list"]);
        assert_eq!(listed.matches(&title).count(), 4, "Kanbus reads the same: {listed}");
    }
}

#[test]
fn word_that_an_issue_is_gone_lasts_as_long_as_the_configuration_says() {
    let mut party = Party::new(2);
    let lasts = |party: &Party, id: &str| {
        until("the tombstone", || party.project.tombstone_of(id).map(|entry| entry["ttl_s"].clone()))
    };
    party.say(&deleted("demo-0"));
    assert_eq!(lasts(&party, "demo-0"), 86_400, "Kanbus's default");
    drop(party);
    let project = Project::gossiping(2);
    project.configure("overlay:\n  ttl_s: 3600\n");
    let mut party = Party::of(project);
    party.say(&deleted("demo-0"));
    assert_eq!(lasts(&party, "demo-0"), 3600);
    party.project.configure("overlay:\n  ttl_s: 7200\n");
    until("the new one to count", || {
        // The link is made anew for it, which ends the bus for a moment.
        Bus::try_say(&party.project.machine().socket(), &deleted("demo-1"))?;
        (party.project.tombstone_of("demo-1")?["ttl_s"] == 7200).then_some(())
    });
}
