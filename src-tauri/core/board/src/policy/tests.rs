//! What policies promise. That Kanbus says the same is promised in `tests/promises/policies.rs`, with Kanbus itself.

use super::*;
use crate::overlay::Fields;
use proptest::prelude::*;
use serde_json::json;

/// Issues around, by id, parent and status.
struct Around(&'static [(&'static str, &'static str, &'static str)]);

impl Kin for Around {
    fn status(&self, id: &str) -> Option<&str> {
        self.0.iter().find(|(own, ..)| *own == id).map(|(_, _, status)| *status)
    }

    fn children(&self, id: &str) -> Vec<Child<'_>> {
        let of = |(_, parent, _): &&(_, &str, _)| *parent == id;
        self.0.iter().filter(of).map(|(id, _, status)| Child { id, status }).collect()
    }
}

const FAMILY: Around = Around(&[("k-0", "", "open"), ("k-3", "k-1", "closed"), ("k-2", "k-1", "open")]);

fn issue(status: &str) -> Fields {
    let issue = json!({
        "id": "k-1", "title": "Fix the roof", "description": " ", "type": "task", "status": status, "priority": 2,
        "assignee": null, "creator": "ada", "parent": "k-0", "labels": ["house"],
        "custom": {"rooms": 3, "storey": null, "owner": "bob"},
    });
    issue.as_object().unwrap().clone()
}

fn read(text: &str) -> Result<Policies, PolicyError> {
    Policies::read(&[Source { name: "house.policy", bytes: text.as_bytes() }])
}

/// A policy of one scenario, each step on a line of its own.
fn policy(steps: &str) -> Policies {
    read(&format!("Feature: House\n  Scenario: Roof\n{steps}\n")).unwrap()
}

/// What `policies` say of the start of the issue.
fn start(policies: &Policies) -> Verdict {
    let (before, after) = (issue("open"), issue("in_progress"));
    policies.enforce(&Context {
        operation: Operation::Update,
        before: Some(&before),
        after: &after,
        kin: &FAMILY,
    })
}

fn refusals(verdict: &Verdict) -> Vec<&str> {
    verdict.violations.iter().map(|violation| violation.message.as_str()).collect()
}

#[test]
fn a_refusal_reads_as_kanbus_prints_it_and_names_the_line() {
    let verdict = start(&policy(
        "    When transitioning from \"open\" to \"in_progress\"\n    # a comment\n\n    \
         Then the issue must have field \"assignee\"\n    And explain \"Somebody does it.\"\n    \
         Then suggest \"Claim it.\"\n    And explain \"It is one command.\"\n    Then warn \"It rains.\"",
    ));
    assert_eq!((verdict.violations[0].line, verdict.violations[0].file.as_str()), (6, "house.policy"));
    assert_eq!(
        verdict.violations[0].sentence("k-1"),
        "policy violation in house.policy for issue k-1\n  Rule: Roof\n  Failed: Then the issue must have field \"assignee\"\n  \
         issue does not have field \"assignee\" set\n  Explanation: Somebody does it.\n  Guidance:\n    \
         GUIDANCE WARNING: It rains.\n    GUIDANCE SUGGESTION: Claim it.\n    Explanation: It is one command."
    );
    assert!(verdict.guidance.is_empty(), "what belongs to a refusal is said with it");
}

#[test]
fn a_scenario_counts_only_where_all_its_conditions_hold_wherever_they_stand() {
    let fails = "Then the issue must have label \"never\"";
    for (steps, refused) in [
        (format!("Given the issue type is \"task\"\n{fails}"), true),
        (format!("Given the issue type is \"epic\"\n{fails}"), false),
        (format!("Given the issue type is \"task\"\nAnd the issue type is \"epic\"\n{fails}"), false),
        (format!("{fails}\nWhen creating an issue"), false),
        (format!("{fails}\nThen the issue type is \"epic\""), true),
    ] {
        assert_eq!(!start(&policy(&steps)).is_allowed(), refused, "{steps}");
    }
}

#[test]
fn backgrounds_examples_and_tags_change_nothing() {
    let policies = read(
        "@wip\nFeature: F\n  Background:\n    Given no such step\n  @skip\n  Scenario Outline: O\n    \
         Given the issue type is \"<type>\"\n    Then the issue must have label \"never\"\n    \
         Examples:\n      | type |\n      | task |\n",
    );
    assert!(start(&policies.unwrap()).is_allowed(), "a placeholder is no value");
}

#[test]
fn what_is_not_known_refuses_and_names_file_and_line() {
    let error =
        read("Feature: F\n  Rule: R\n\n    Scenario: S\n      Given the moon is \"full\"\n").unwrap_err();
    assert_eq!(error.place(), ("house.policy", Some(5)));
    assert_eq!(
        error.sentence("k-1"),
        "policy violation in house.policy for issue k-1\n  Rule: R / S\n  Failed: Given the moon is \"full\"\n  \
         no matching step definition for: the moon is \"full\""
    );
    for (text, line, sentence) in [
        ("Feature F\n", Some(1), "failed to parse house.policy: line 1 is not Gherkin"),
        (
            "Feature: F\n  Scenario: S\n    And the issue has a parent\n",
            Some(3),
            "failed to parse house.policy: line 3",
        ),
        ("", Some(1), "failed to parse house.policy"),
        (
            "Feature: F\n  Scenario: S\n    Given the issue has a parent\n  x\n\n\ny\n  Scenario: T\n",
            Some(4),
            "failed",
        ),
        ("Feature: F\n  Scenario: S\n    Then warn \"w\"\nx", Some(4), "failed"),
    ] {
        let error = read(text).unwrap_err();
        assert_eq!(error.place(), ("house.policy", line), "{error}");
        assert!(error.sentence("k-1").starts_with(sentence), "{error}");
    }
    let error = Policies::read(&[Source { name: "a.policy", bytes: b"Feature: \xff\n" }]).unwrap_err();
    assert_eq!(error.sentence("k-1"), "failed to parse a.policy: it is not UTF-8");
}

#[test]
fn an_explanation_explains_what_stands_before_it() {
    for steps in [
        "Then explain \"x\"",
        "Given the issue has a parent\nThen explain \"x\"",
        "Then warn \"w\"\nThen explain \"x\"\nThen explain \"y\"",
    ] {
        let error = read(&format!("Feature: F\nScenario: S\n{steps}\n")).unwrap_err();
        assert!(error.to_string().starts_with("orphan explain step: explain must"), "{error}");
    }
    // So it is in Kanbus: a demand that is met leaves nothing to explain, and the policy is at fault.
    let verdict = start(&policy("Then the issue must have label \"house\"\nThen explain \"x\""));
    assert_eq!(refusals(&verdict), ["orphan explain step: no previously emitted item to attach explanation"]);
}

#[test]
fn files_count_in_the_order_of_their_names() {
    let text = |field: &str| format!("Feature: F\nScenario: S\nThen the issue must have field \"{field}\"\n");
    let (a, b) = (text("assignee"), text("description"));
    let a = Source { name: "a.policy", bytes: a.as_bytes() };
    let b = Source { name: "b.policy", bytes: b.as_bytes() };
    let expected =
        ["issue does not have field \"assignee\" set", "issue does not have field \"description\" set"];
    for sources in [[a, b], [b, a]] {
        assert_eq!(refusals(&start(&Policies::read(&sources).unwrap())), expected);
    }
    let unread = Source { name: "c.policy", bytes: b"no Gherkin" };
    let unknown = Source { name: "a.policy", bytes: b"Feature: F\nScenario: S\nThen dance\n" };
    let error = Policies::read(&[unread, unknown]).unwrap_err();
    assert_eq!(error.place().0, "c.policy", "what cannot be read comes before what is not known");
}

#[test]
fn children_parents_and_custom_fields_are_looked_at_as_they_are() {
    for (demand, message) in [
        ("all child issues must have status \"done\"", "child issues k-2, k-3 do not have status \"done\""),
        ("no child issues may have status \"open\"", "child issues k-2 have status \"open\" but should not"),
        (
            "the issue must have at least 3 child issues",
            "issue has 2 child issue(s) but must have at least 3",
        ),
        (
            "the parent issue must have status \"closed\"",
            "parent issue k-0 has status \"open\" but must have status \"closed\"",
        ),
        ("the custom field \"rooms\" must be \"4\"", "custom field \"rooms\" is \"3\" but must be \"4\""),
        ("the custom field \"cellar\" must be set", "custom field \"cellar\" is not set"),
        ("the issue must have field \"labels\"", "unknown field: labels"),
        ("the issue must have at least 99999999999999999999999 labels", "invalid label count"),
        ("the issue priority is 99999999999", "invalid priority"),
    ] {
        assert_eq!(refusals(&start(&policy(&format!("Then {demand}")))), [message]);
    }
    let met = "Then the custom field \"storey\" must be set\nThen the custom field \"rooms\" must be \"3\"\n\
               Then the issue must have at least 1 child issue\nThen the issue must have at least 1 label";
    assert!(start(&policy(met)).is_allowed());
}

#[test]
fn remarks_are_made_once_the_change_is_done_warnings_first_and_each_once() {
    let text = "Feature: F\n  Scenario: S\n    Then the issue must have label \"never\"\n    Then explain \"n\"\n    \
                Then suggest \"s\"\n    Then warn \"w\"\n    And explain \"e\"\n    Then suggest \"s\"\n  \
                Scenario: Moves\n    When transitioning to \"in_progress\"\n    Then warn \"moved\"\n";
    let (before, after) = (issue("open"), issue("in_progress"));
    let context =
        Context { operation: Operation::Update, before: Some(&before), after: &after, kin: &FAMILY };
    let guidance = read(text).unwrap().guide(&context);
    let lines: Vec<String> = guidance.iter().flat_map(Guidance::lines).collect();
    assert_eq!(lines, ["GUIDANCE WARNING: w", "Explanation: e", "GUIDANCE SUGGESTION: s"]);
    assert_eq!(guidance[0].line, 6);
}

#[test]
fn ten_thousand_scenarios_are_read_and_judged() {
    let scenario = |n: usize| {
        format!(
            "  Scenario: The {n}th of very many\n    Given the issue type is \"task\"\n    Then the title must match pattern \"^Fix\"\n\n"
        )
    };
    let text: String = std::iter::once("Feature: F\n".to_owned()).chain((0..10_000).map(scenario)).collect();
    assert!(text.len() > 1_000_000, "a policy of a megabyte");
    assert!(start(&read(&text).unwrap()).is_allowed());
}

#[test]
fn what_would_take_too_long_is_refused() {
    let head = "Feature: F\n  Scenario: S\n";
    let patterns = |n: usize| format!("    Then the title must match pattern \"{n}\"\n");
    for (text, what) in [
        (format!("{head}{}", "#".repeat(3 << 20)), "bytes"),
        (format!("{head}{}", "\n".repeat(200_000)), "lines"),
        (format!("{head}{}", " \t".repeat(1_000)), "blanks"),
        (format!("{head}{}", (0..200).map(patterns).collect::<String>()), "patterns"),
    ] {
        let error = read(&text).unwrap_err();
        assert!(matches!(error, PolicyError::TooLarge { .. }) && error.to_string().contains(what), "{error}");
    }
    let hungry = start(&policy("Then the title must match pattern \"((\\w{100}){100}){100}\""));
    assert!(refusals(&hungry)[0].starts_with("invalid regex pattern: "), "a pattern is bounded as well");
}

#[test]
fn only_what_kanbus_takes_for_a_policy_is_one() {
    let names = ["a.policy", ".b.policy", ".policy", "a.policy.bak", "A.POLICY", "policy"];
    assert_eq!(names.map(is_policy), [true, true, false, false, false, false]);
}

/// Text that is nearly a policy.
fn nearly() -> impl Strategy<Value = String> {
    let line = prop_oneof![
        "(Feature|Rule|Scenario|Scenario Outline|Background|Examples|Szenario)?:? ?[a-z]{0,3}",
        "(Given|When|Then|And|But|\\*) (warn|explain|suggest) \"?[a-z]{0,2}\"?",
        "(Given|Then|And) the (issue|field|custom field|title) (must|has|is|type|have at least)? ?(label|field|be|pattern)? ?\"?[a-z0-9]{0,2}\"?",
        "(# ?language: ?(de|en|xx)?|@[a-z]|\"\"\"|```|\\|a\\|b?\\|?|\\\\)",
        "\\PC{0,12}",
    ];
    prop::collection::vec(("[ \t]{0,3}", line, "[ \r]?\n?"), 0..30).prop_map(|lines| {
        let lines = lines.into_iter().map(|(indent, line, end)| format!("{indent}{line}{end}\n"));
        std::iter::once("Feature: F\n".to_owned()).chain(lines).collect()
    })
}

proptest! {
    #[test]
    fn any_text_and_any_issue_give_an_answer(
        text in prop_oneof![nearly(), "\\PC{0,200}", "[ \t\r\n\"|#@:]{0,200}"],
        id in prop_oneof![Just(json!("k-1")), Just(json!(null)), Just(json!(7))],
        labels in prop_oneof![Just(json!(["a", 1, null])), Just(json!({"a": []})), Just(json!("a"))],
    ) {
        let Ok(policies) = read(&text) else { return Ok(()) };
        let mut after = issue("closed");
        after.insert("id".to_owned(), id);
        after.insert("labels".to_owned(), labels);
        for operation in [Operation::Create, Operation::Update, Operation::Delete, Operation::Ready] {
            for before in [None, Some(&issue("open")), Some(&Fields::new())] {
                let context = Context { operation, before, after: &after, kin: &FAMILY };
                let verdict = policies.enforce(&context);
                prop_assert_eq!(&verdict, &policies.enforce(&context));
                for violation in &verdict.violations {
                    let line = text.split('\n').nth(violation.line as usize - 1).unwrap_or_default();
                    let words = violation.step.split_once(' ').unwrap().1;
                    prop_assert!(line.contains(words), "line {} is {line:?}", violation.line);
                }
                policies.guide(&context);
            }
        }
    }

    #[test]
    fn any_bytes_are_read_or_refused(bytes in prop::collection::vec(any::<u8>(), 0..200)) {
        if let Err(error) = Policies::read(&[Source { name: "a.policy", bytes: &bytes }]) {
            prop_assert_eq!(error.place().0, "a.policy");
        }
    }
}
