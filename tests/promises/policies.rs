//! Policies say of a change what the real Kanbus says of it: the same refusal in the same words, or none.
//!
//! Kanbus has two clients, which differ in places; the one that runs here is Python's, and the one that is followed is
//! Rust's. Where they differ is held here as well, so that it is seen when it changes.

use std::path::Path;

use hearsay_board::overlay::Fields;
use hearsay_board::policy::{Child, Context, Guidance, Kin, Operation, Policies, PolicyError, Source};
use hearsay_tests::{Issue, Project, peers};
use serde_json::{Value, json};

/// A demand that nothing here meets.
const FAILS: &str = "Then the issue must have label \"never\"";

/// What that refuses with.
const REFUSES: &str = "issue does not have label \"never\"";

/// What is done to the issue in the middle, `demo-1`, or to a new one.
#[derive(Debug, Clone, Copy, PartialEq)]
enum Doing {
    Start,
    Close,
    Retitle,
    Create,
    Delete,
}

/// An epic under way, a task of it, and two tasks of that one.
fn family() -> Vec<Fields> {
    let issue = |number: usize, parent: Option<&str>, more: Value| {
        let mut fields: Fields = serde_json::from_str(&Issue::numbered(number).text()).unwrap();
        fields.insert("parent".to_owned(), json!(parent));
        fields.extend(more.as_object().unwrap().clone());
        fields
    };
    vec![
        issue(0, None, json!({"type": "epic", "status": "in_progress"})),
        issue(
            1,
            Some("demo-0"),
            json!({"labels": ["house", "roof"], "custom": {"rooms": 3, "owner": "bob", "storey": null}}),
        ),
        issue(2, Some("demo-1"), json!({"type": "sub-task"})),
        issue(
            3,
            Some("demo-1"),
            json!({"type": "sub-task", "status": "closed", "closed_at": "2026-05-04T00:00:00Z"}),
        ),
    ]
}

struct Around(Vec<Fields>);

fn text<'a>(issue: &'a Fields, key: &str) -> &'a str {
    issue[key].as_str().unwrap_or_default()
}

impl Kin for Around {
    fn status(&self, id: &str) -> Option<&str> {
        self.0.iter().find(|issue| text(issue, "id") == id).map(|issue| text(issue, "status"))
    }

    fn children(&self, id: &str) -> Vec<Child<'_>> {
        let of = self.0.iter().filter(|issue| text(issue, "parent") == id);
        of.map(|issue| Child { id: text(issue, "id"), status: text(issue, "status") }).collect()
    }
}

/// What somebody says to a change.
#[derive(Debug, Clone, PartialEq)]
enum Answer {
    /// Nothing against it, with these remarks afterwards.
    Done(Vec<String>),
    Refused(String),
}

/// A project with the family in it and one policy, and the Kanbus client that changes it.
struct House<'a> {
    client: &'a Path,
    policy: &'a str,
}

impl House<'_> {
    /// What Kanbus says to it.
    fn theirs(&self, doing: Doing) -> Answer {
        let project = Project::empty();
        project.write(".kanbus.yml", hearsay_tests::project::CONFIG);
        for issue in family() {
            let path = format!("project/issues/{}.json", text(&issue, "id"));
            project.write(&path, serde_json::to_string_pretty(&issue).unwrap());
        }
        project.write("project/policies/house.policy", self.policy);
        let words: &[&str] = match doing {
            Doing::Start => &["update", "demo-1", "--status", "in_progress"],
            Doing::Close => &["close", "demo-1"],
            Doing::Retitle => &["update", "demo-1", "--title", "Anew"],
            Doing::Create => &["create", "Anew", "--parent", "demo-0"],
            Doing::Delete => &["delete", "demo-1", "--yes"],
        };
        let output = project.try_kanbus(self.client, words);
        let said = String::from_utf8(output.stderr).unwrap();
        if output.status.success() {
            let remarks = said.lines().map(str::trim);
            let remarks =
                remarks.filter(|line| line.starts_with("GUIDANCE") || line.starts_with("Explanation"));
            return Answer::Done(remarks.map(str::to_owned).collect());
        }
        let before = ["Error: ", "PolicyLoadError: "];
        let sentence =
            before.iter().find_map(|before| said.split_once(before)).map_or(&*said, |(_, rest)| rest);
        Answer::Refused(sentence.trim_end().to_owned())
    }

    /// What we say to it. The id of a new issue is nobody's choice, so it is the one that Kanbus took.
    fn ours(&self, doing: Doing, new_id: &str) -> Answer {
        let around = Around(family());
        let before = (doing != Doing::Create).then(|| around.0[1].clone());
        let mut after = before.clone().unwrap_or_else(|| {
            let mut new: Fields = serde_json::from_str(&Issue::new(new_id, "Anew").text()).unwrap();
            new.extend(
                json!({"description": "", "creator": null, "parent": "demo-0"}).as_object().unwrap().clone(),
            );
            new
        });
        match doing {
            Doing::Start => drop(after.insert("status".to_owned(), json!("in_progress"))),
            Doing::Close => drop(after.insert("status".to_owned(), json!("closed"))),
            Doing::Retitle => drop(after.insert("title".to_owned(), json!("Anew"))),
            Doing::Create | Doing::Delete => {}
        }
        let (operation, command) = match doing {
            Doing::Start | Doing::Retitle => (Operation::Update, Operation::Update),
            Doing::Close => (Operation::Update, Operation::Close),
            Doing::Create => (Operation::Create, Operation::Create),
            Doing::Delete => (Operation::Delete, Operation::Delete),
        };
        let id = text(&after, "id").to_owned();
        let policies = match self.read() {
            Ok(policies) => policies,
            Err(error) if operation.is_enforced() => return Answer::Refused(error.sentence(&id)),
            Err(_) => return Answer::Done(Vec::new()),
        };
        let context = Context { operation, before: before.as_ref(), after: &after, kin: &around };
        let refusals =
            if operation.is_enforced() { policies.enforce(&context).violations } else { Vec::new() };
        match refusals.first() {
            Some(refusal) => Answer::Refused(refusal.sentence(&id)),
            None => {
                let remarks = policies.guide(&Context { operation: command, ..context });
                Answer::Done(remarks.iter().flat_map(Guidance::lines).collect())
            }
        }
    }

    fn read(&self) -> Result<Policies, PolicyError> {
        Policies::read(&[Source { name: "house.policy", bytes: self.policy.as_bytes() }])
    }

    /// Both, which must be the same. Only Python's client indents an explanation of a remark further.
    fn both(&self, doing: Doing) -> Answer {
        let theirs = match self.theirs(doing) {
            Answer::Refused(said) => {
                Answer::Refused(said.replace("\n      Explanation", "\n    Explanation"))
            }
            done @ Answer::Done(_) => done,
        };
        let new_id = match &theirs {
            Answer::Refused(said) => {
                said.split_once("for issue ").map_or("", |(_, rest)| rest.lines().next().unwrap())
            }
            Answer::Done(_) => "demo-new",
        };
        assert_eq!(self.ours(doing, new_id), theirs, "{doing:?} under\n{}", self.policy);
        theirs
    }
}

/// A policy of one scenario.
fn policy(steps: &str) -> String {
    format!("Feature: House\n  Scenario: Roof\n    {}\n", steps.replace('\n', "\n    "))
}

/// Both refuse the change, for that reason.
fn refused(client: &Path, doing: Doing, steps: &str, reason: &str) {
    let policy = policy(steps);
    let Answer::Refused(said) = (House { client, policy: &policy }).both(doing) else {
        panic!("{doing:?} is allowed under\n{policy}")
    };
    assert_eq!(said.lines().nth(3).unwrap_or_default().trim(), reason, "{doing:?} under\n{policy}");
}

/// Neither refuses the change under any of these.
fn allowed(client: &Path, doing: Doing, scenarios: &[String]) {
    let scenarios: Vec<String> = scenarios
        .iter()
        .enumerate()
        .map(|(number, steps)| format!("  Scenario: S{number}\n    {}\n", steps.replace('\n', "\n    ")))
        .collect();
    let policy = format!("Feature: House\n{}", scenarios.concat());
    assert_eq!(House { client, policy: &policy }.both(doing), Answer::Done(Vec::new()));
}

#[test]
fn a_condition_that_holds_lets_a_policy_refuse() {
    let Some(client) = peers::kanbus() else { return };
    for (doing, condition) in [
        (Doing::Retitle, "Given the issue type is \"task\""),
        (Doing::Retitle, "Given the issue has label \"roof\""),
        (Doing::Create, "Given the issue has a parent"),
        (Doing::Retitle, "Given the issue priority is 2"),
        (Doing::Close, "Given the issue status is \"closed\""),
        (Doing::Retitle, "Given the custom field \"storey\" is set"),
        (Doing::Start, "When transitioning to \"in_progress\""),
        (Doing::Start, "When transitioning from \"open\""),
        (Doing::Start, "When transitioning from \"open\" to \"in_progress\""),
        (Doing::Create, "When creating an issue"),
        (Doing::Close, "When closing an issue"),
        (Doing::Close, "When updating an issue"),
    ] {
        refused(&client, doing, &format!("{condition}\n{FAILS}"), REFUSES);
    }
}

#[test]
fn a_condition_that_does_not_hold_keeps_it_from_refusing() {
    let Some(client) = peers::kanbus() else { return };
    let all = |conditions: &[&str]| -> Vec<String> {
        conditions.iter().map(|condition| format!("{condition}\n{FAILS}")).collect()
    };
    let other = [
        "Given the issue type is \"epic\"",
        "Given the issue has label \"Roof\"",
        "Given the issue priority is 1",
        "Given the issue status is \"blocked\"",
        "Given the custom field \"cellar\" is set",
        "When transitioning to \"blocked\"",
        "When transitioning from \"blocked\"",
        "When transitioning from \"open\" to \"blocked\"",
        "When transitioning from \"blocked\" to \"in_progress\"",
        "When deleting an issue",
        "When viewing an issue",
        "When listing issues",
        "When listing ready issues",
    ];
    let on = |more: &[&'static str]| all(&[&other, more].concat());
    allowed(&client, Doing::Start, &on(&["When creating an issue", "When closing an issue"]));
    allowed(&client, Doing::Create, &on(&["When updating an issue", "When transitioning to \"open\""]));
    // Nothing refuses a deletion, not even a policy that nobody can read.
    allowed(&client, Doing::Delete, &all(&["When deleting an issue"]));
}

#[test]
fn a_demand_that_is_not_met_refuses_in_kanbus_s_words() {
    let Some(client) = peers::kanbus() else { return };
    for (demand, reason) in [
        ("the issue must have field \"assignee\"", "issue does not have field \"assignee\" set"),
        ("the issue must have field \"priority\"", "unknown field: priority"),
        ("the issue must not have field \"parent\"", "issue has field \"parent\" set but should not"),
        ("the field \"status\" must be \"open\"", "field \"status\" is \"in_progress\" but must be \"open\""),
        ("the field \"assignee\" must be \"bob\"", "field \"assignee\" is not set"),
        ("all child issues must have status \"closed\"", "child issues demo-2 do not have status \"closed\""),
        (
            "all child issues must have status \"done\"",
            "child issues demo-2, demo-3 do not have status \"done\"",
        ),
        (
            "no child issues may have status \"open\"",
            "child issues demo-2 have status \"open\" but should not",
        ),
        (
            "the issue must have at least 3 child issues",
            "issue has 2 child issue(s) but must have at least 3",
        ),
        (
            "the parent issue must have status \"open\"",
            "parent issue demo-0 has status \"in_progress\" but must have status \"open\"",
        ),
        ("the issue must have at least 3 labels", "issue has 2 label(s) but must have at least 3"),
        ("the issue must have label \"Roof\"", "issue does not have label \"Roof\""),
        ("the title must match pattern \"^Fix\"", "title \"Issue 1\" does not match pattern \"^Fix\""),
        ("the custom field \"cellar\" must be set", "custom field \"cellar\" is not set"),
        ("the custom field \"rooms\" must be \"4\"", "custom field \"rooms\" is \"3\" but must be \"4\""),
    ] {
        refused(&client, Doing::Start, &format!("Then {demand}"), reason);
    }
    refused(&client, Doing::Create, "Then the description must not be empty", "issue description is empty");
}

#[test]
fn demands_that_are_met_refuse_nothing() {
    let Some(client) = peers::kanbus() else { return };
    let demands = [
        "the issue must have field \"description\"",
        "the issue must not have field \"assignee\"",
        "the field \"issue_type\" must be \"task\"",
        "no child issues may have status \"blocked\"",
        "the issue must have at least 1 child issue",
        "the parent issue must have status \"in_progress\"",
        "the issue must have at least 1 label",
        "the issue must have label \"roof\"",
        "the description must not be empty",
        "the title must match pattern \"[0-9]$\"",
        "the custom field \"storey\" must be set",
        "the custom field \"rooms\" must be \"3\"",
        "the custom field \"owner\" must be \"bob\"",
    ];
    allowed(&client, Doing::Start, &demands.map(|demand| format!("Then {demand}")));
    allowed(&client, Doing::Create, &["Then all child issues must have status \"done\"".to_owned()]);
}

#[test]
fn explanations_and_remarks_go_with_what_they_stand_behind() {
    let Some(client) = peers::kanbus() else { return };
    let words = "Then explain \"So that it is found.\"\nThen suggest \"Look at the others.\"\n\
                 Then explain \"There are two.\"\nThen warn \"It rains.\"";
    refused(&client, Doing::Start, &format!("{FAILS}\n{words}\n{FAILS}"), REFUSES);
    let remarks = policy("Then warn \"It rains.\"\nThen explain \"Outside.\"\nThen suggest \"An umbrella\"");
    let said = House { client: &client, policy: &remarks }.both(Doing::Close);
    let expected =
        ["GUIDANCE WARNING: It rains.", "Explanation: Outside.", "GUIDANCE SUGGESTION: An umbrella"];
    assert_eq!(said, Answer::Done(expected.map(str::to_owned).to_vec()));
    let twice =
        remarks.replace("House", "Again").replace("Then warn", "When closing an issue\n    Then warn");
    House { client: &client, policy: &twice }.both(Doing::Close);
}

#[test]
fn what_is_not_known_or_explains_nothing_refuses_whatever_is_done() {
    let Some(client) = peers::kanbus() else { return };
    for (steps, reason) in [
        (
            "When viewing an issue\nThen the moon must be \"full\"",
            "no matching step definition for: the moon must be \"full\"",
        ),
        ("Then the issue type is \"\"", "no matching step definition for: the issue type is \"\""),
        (
            "Then explain \"Why?\"",
            "orphan explain step: explain must follow an emitted error, warning, or suggestion",
        ),
        (
            "Given the issue has a parent\nThen explain \"Why?\"",
            "orphan explain step: explain must immediately follow a non-explain Then step",
        ),
        (
            "Then the issue must have label \"roof\"\nThen explain \"Why?\"",
            "orphan explain step: no previously emitted item to attach explanation",
        ),
    ] {
        refused(&client, Doing::Retitle, steps, reason);
    }
    let broken =
        "Feature: House\n  Scenario: Roof\n    Given the issue has a parent\n    nothing of the kind\n";
    let house = House { client: &client, policy: broken };
    let (Answer::Refused(ours), Answer::Refused(theirs)) =
        (house.ours(Doing::Retitle, ""), house.theirs(Doing::Retitle))
    else {
        panic!("what cannot be read refuses")
    };
    assert!(theirs.starts_with("failed to parse house.policy: "), "{theirs}");
    assert_eq!(ours, "failed to parse house.policy: line 4 is not Gherkin");
    assert!(matches!(house.ours(Doing::Delete, ""), Answer::Done(_)), "and a deletion is not asked about");
}

#[test]
fn rules_name_their_scenarios_and_what_surrounds_them_counts_for_nothing() {
    let Some(client) = peers::kanbus() else { return };
    let decorated = "# language: en\n@wip\nFeature: House\n  What it is about.\n\n  Background:\n    Given no such step\n\n  \
                     @skip\n  Scenario Outline: Kinds\n    Given the issue type is \"<type>\"\n    Then the issue must have label \"never\"\n\n    \
                     Examples:\n      | type |\n      | task |\n\n  Rule: Roofs\n    Scenario: High\n      Given the issue has a parent\n        \
                     | a | b |\n      # with a note\n      Then the issue must have label \"never\"\n        \"\"\"\n        Scenario: none\n        \"\"\"\n";
    let Answer::Refused(said) = (House { client: &client, policy: decorated }).both(Doing::Start) else {
        panic!("it refuses")
    };
    assert_eq!(said.lines().nth(1), Some("  Rule: Roofs / High"));
}

#[test]
fn where_the_two_clients_differ_the_one_in_rust_is_followed() {
    let Some(client) = peers::kanbus() else { return };
    let answers = |steps: &str| {
        let policy = policy(steps);
        let house = House { client: &client, policy: &policy };
        (house.ours(Doing::Retitle, ""), house.theirs(Doing::Retitle))
    };
    // An `And` that does not hold is no condition to Python.
    let (ours, theirs) =
        answers(&format!("Given the issue has a parent\nAnd the issue type is \"epic\"\n{FAILS}"));
    assert_eq!(ours, Answer::Done(Vec::new()));
    assert!(matches!(&theirs, Answer::Refused(said) if said.ends_with(REFUSES)), "{theirs:?}");
    // It names a step by the word that stands there.
    let (ours, theirs) = answers(&format!("Then warn \"w\"\n{}", FAILS.replace("Then", "And")));
    let named = |answer: &Answer, step: &str| matches!(answer, Answer::Refused(said) if said.contains(step));
    assert!(named(&ours, "Failed: Then the issue must") && named(&theirs, "Failed: And the issue must"));
    // And it lets a scenario begin with `And`.
    let (ours, theirs) = answers("And the issue must have label \"roof\"");
    assert!(matches!(ours, Answer::Refused(said) if said.contains("line 3")));
    assert_eq!(theirs, Answer::Done(Vec::new()));
}
