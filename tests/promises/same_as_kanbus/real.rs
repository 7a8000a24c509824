//! Edits of real issues: what `git diff` says of them.

use std::fs;

use hearsay_board::rules::{self, Actor, Context, Edit, FieldSet};
use hearsay_board::{Config, Document, Issue, Source};
use hearsay_tests::project::CONFIG;
use hearsay_tests::record::path;
use hearsay_tests::{Project, peers};
use serde_json::{Value, json};

use super::findings;
use super::issues::Issues;

const REAL_ISSUES: usize = 654;

/// The edit of a field, for any issue; `None` where the rules allow none.
fn edit_of(field: &str, id: &str, issue: &Issue, config: &Config, issues: &Issues) -> Option<Edit> {
    let legal = || rules::legal(id, issue, config, issues);
    let value = match field {
        "title" => json!(format!("Retitled {id}")),
        "description" => json!("Another.\n\nWith \"quotes\"."),
        "type" => json!(legal().types.first()?),
        "status" => json!(legal().statuses.first()?.status),
        "priority" => json!(if issue.priority == Some(3) { 2 } else { 3 }),
        "assignee" => json!("somebody-else"),
        "parent" => match &issue.parent {
            Some(_) => Value::Null,
            None => json!(legal().parents.first()?),
        },
        "custom" => json!({"hearsay": {"a": 1}}),
        "labels" => {
            let add_labels = vec!["hearsay".to_owned()];
            return Some(Edit::Set(FieldSet { add_labels, ..FieldSet::default() }));
        }
        "comments" => return Some(Edit::Comment { text: "Seen.".into() }),
        "dependencies" => {
            let target = issues.0.keys().map(|(other, _)| other).find(|other| *other != id)?;
            return Some(Edit::AddDependency { target: target.clone(), kind: "relates-to".into() });
        }
        other => panic!("{other} is no field"),
    };
    let fields = [(field.to_owned(), value)].into_iter().collect();
    Some(Edit::Set(FieldSet::from_json(&fields).unwrap()))
}

/// The most lines that `git diff` may count as added and removed, but for `updated_at`.
fn most_lines(field: &str) -> (usize, usize) {
    match field {
        // Closing and reopening say when.
        "status" => (2, 2),
        "labels" => (3, 1),
        "custom" => (5, 1),
        "comments" => (9, 1),
        "dependencies" => (6, 1),
        _ => (1, 1),
    }
}

const FIELDS: [&str; 11] = [
    "title",
    "description",
    "type",
    "status",
    "priority",
    "assignee",
    "parent",
    "labels",
    "custom",
    "comments",
    "dependencies",
];

/// The real project, or a generated one of the same size.
fn real() -> (Project, Config, Issues) {
    let project = Project::real().unwrap_or_else(|| {
        peers::stands_in("the real project (HEARSAY_SHARED)");
        Project::with_issues(REAL_ISSUES)
    });
    let text = fs::read_to_string(project.at(".kanbus.yml")).unwrap_or_else(|_none| CONFIG.to_owned());
    let (config, issues) = (Config::parse(&text, None).unwrap(), Issues::read(&project));
    assert_eq!(issues.0.len(), REAL_ISSUES);
    (project, config, issues)
}

/// The issue `id` with `field` edited; `None` where the rules allow nothing that would change it.
fn edited(field: &str, id: &str, config: &Config, issues: &Issues) -> Option<Document> {
    let (document, issue) = &issues.0[&(id.to_owned(), Source::Shared)];
    let wanted = edit_of(field, id, issue, config, issues)?;
    let actor = Actor { name: "ada".to_owned(), agent: None };
    let mut fresh = || "00000001-0000-4000-8000-000000000000".to_owned();
    let now = "2026-11-04T10:00:00.123456Z".parse().unwrap();
    let mut context = Context { config, around: issues, now, actor: &actor, fresh: &mut fresh };
    let after = rules::edit(document, &wanted, &mut context).ok()?;
    (!after.changed.is_empty()).then(|| {
        only_differ_in(field, document, &after.document);
        after.document
    })
}

#[test]
fn an_edit_of_any_field_of_any_real_issue_is_a_diff_of_that_field_and_updated_at() {
    let (project, config, issues) = real();
    for field in FIELDS {
        let mut count = 0;
        for (id, _) in issues.0.keys() {
            let Some(after) = edited(field, id, &config, &issues) else { continue };
            fs::write(project.at(&path(id)), after.text()).unwrap();
            count += 1;
        }
        assert!(count >= REAL_ISSUES / 3, "{field}: {count} issues could be edited");
        let (most_added, most_removed) = most_lines(field);
        let counted = project.git(&["diff", "--numstat"]);
        assert_eq!(counted.lines().count(), count, "{field}: each is in the diff");
        for line in counted.lines() {
            let numbers: Vec<usize> =
                line.split('\t').take(2).map(|number| number.parse().unwrap()).collect();
            assert!(numbers[0] <= most_added + 1 && numbers[1] <= most_removed + 1, "{field}: {line}");
        }
        project.git(&["checkout", "-q", "--", "."]);
    }
}

#[test]
fn kanbus_finds_nothing_new_in_real_issues_that_the_rules_have_edited() {
    let Some(client) = peers::kanbus() else { return };
    let (project, config, mut issues) = real();
    let before = findings(&project, &client);
    let ids: Vec<String> = issues.0.keys().map(|(id, _)| id.clone()).collect();
    for (at, id) in ids.iter().enumerate() {
        for field in [FIELDS[at % FIELDS.len()], FIELDS[(at + 4) % FIELDS.len()]] {
            let Some(after) = edited(field, id, &config, &issues) else { continue };
            fs::write(project.at(&path(id)), after.text()).unwrap();
            issues.put(id, Source::Shared, after.text());
        }
    }
    let after = findings(&project, &client);
    let new: Vec<&String> = after.difference(&before).collect();
    assert_eq!(new, [] as [&String; 0], "no new finding");
}

fn only_differ_in(field: &str, before: &Document, after: &Document) {
    let also = |key: &str| key == field || key == "updated_at" || (field == "status" && key == "closed_at");
    assert_eq!(before.keys().collect::<Vec<_>>(), after.keys().collect::<Vec<_>>(), "no key comes or goes");
    for key in before.keys().filter(|key| !also(key)) {
        assert_eq!(before.get(key), after.get(key), "{key} stays as {field} changes");
    }
}
