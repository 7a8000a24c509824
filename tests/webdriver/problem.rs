//! What cannot be read: said where the person looks, gone when it is mended.

use hearsay_tests::record::path;

use crate::door::Door;
use crate::sample;
use crate::window::card;

const BROKEN: &str = "{\n  \"id\": \"demo-3\",\n  \"title\": oops\n}";

pub(crate) fn a_broken_file_is_named_with_its_place_until_it_is_mended(door: Door) {
    let project = sample::project();
    let Some(window) = door.open(&project) else { return };
    let whole = project.text(&path("demo-3"));
    project.replace(&path("demo-3"), BROKEN);
    let said = window.reads("[data-testid=problem]", "demo-3.json");
    assert!(
        said.contains("project/issues/demo-3.json") && said.contains(":3:12"),
        "path, line, column: {said}"
    );
    assert!(
        said.contains("not a readable issue") && said.contains("restore it with git"),
        "and what to do: {said}"
    );
    window.shows("[data-id='demo-3'] [title^='unreadable']");
    window.reads("[data-id='demo-3']", "Fold the events of one lull");
    assert_eq!(window.columns()[1].count, "5", "the rest of the board is unharmed");
    window.settle(&project);

    project.replace(&path("demo-broken"), BROKEN);
    window.shows("[data-testid=problem][data-key$='demo-broken.json']");
    window.settle(&project);
    project.remove(&path("demo-broken"));
    project.replace(&path("demo-3"), whole);
    window.shows_no("[data-testid=problem]");
    window.shows_no("[title^='unreadable']");
    window.settle(&project);
}

pub(crate) fn a_broken_configuration_is_named_with_its_place_until_it_is_mended(door: Door) {
    let project = sample::project();
    let Some(window) = door.open(&project) else { return };
    let whole = project.text(".kanbus.yml");
    project.replace(".kanbus.yml", "project_key: demo\nstatuses: [\n  {key: open\n");
    let said = window.reads("[data-testid=problem][data-key$='.kanbus.yml']", "cannot be read");
    assert!(said.contains(".kanbus.yml") && said.contains(":3:3"), "path, line, column: {said}");
    window.shows(&card("demo-3"));
    window.settle(&project);

    project.replace(".kanbus.yml", whole);
    window.shows_no("[data-testid=problem]");
    let titles: Vec<_> = window.columns().into_iter().map(|column| column.title).collect();
    assert_eq!(titles, ["In review", "Ready", "In progress", "Done", "parked"], "the columns are back");
    window.settle(&project);
}
