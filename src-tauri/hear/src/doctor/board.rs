//! What the board says of the files, and of what is heard.

use hearsay_live::Reading;
use serde_json::Value;

use super::findings::Findings;

/// More findings of one kind nobody reads.
const MOST: usize = 10;

pub(super) fn look(reading: &Reading, findings: &mut Findings) -> anyhow::Result<()> {
    let board: Value = serde_json::to_value(reading.board())?;
    let units = board["board"].as_object().cloned().unwrap_or_default();
    let of_kind = |kind: &'static str| units.values().filter(move |unit| unit["kind"] == kind);
    let text = |value: &Value| value.as_str().unwrap_or_default().to_owned();
    let (cards, problems) = (of_kind("card").count(), of_kind("problem").count());
    if problems == 0 {
        findings.well("files", format!("{cards} issues, all of them readable"));
    }
    for problem in of_kind("problem").take(MOST) {
        let check = if problem["code"] == "overlay" { "overlay" } else { "files" };
        let message = format!("{}: {}", text(&problem["path"]), text(&problem["message"]));
        match problem["severity"].as_str() {
            Some("error") => findings.broken(check, message, text(&problem["hint"])),
            _ => findings.note(check, message, text(&problem["hint"])),
        }
    }
    if problems > MOST {
        findings.note(
            "files",
            format!("{} more problems", problems - MOST),
            "open the board to see them all",
        );
    }
    let heard: Vec<&Value> = of_kind("card").filter(|card| !card["heard"].is_null()).collect();
    findings
        .well("overlay", format!("something is heard of {} issues that is not in their files", heard.len()));
    let refuses = |card: &&&Value| {
        card["notes"]
            .as_array()
            .is_some_and(|notes| notes.iter().any(|note| note["code"] == "kanbus_refuses"))
    };
    let refused: Vec<String> = heard.iter().filter(refuses).map(|card| text(&card["id"])).collect();
    for id in refused.iter().take(MOST) {
        findings.note(
            "kanbus_refuses",
            format!("Kanbus refuses to change {id} here, because something newer is heard of it"),
            "pull, or start `hear` with --overlay private",
        );
    }
    if refused.len() > MOST {
        findings.note("kanbus_refuses", format!("and {} issues more", refused.len() - MOST), "");
    }
    Ok(())
}
