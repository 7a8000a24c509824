//! The sample's content: a small team and two agents who bring live departures to ferry quays.
//!
//! Not here: how it is written to disk.
//!
//! Invariants: every status, priority and type occurs; each move is one that the workflow allows; ages are
//! minutes before now and shrink from deed to deed.

use super::tale::Act::{Assign, Depend, Move, Priority, Say};
use super::tale::{Actor, BLANK, Tale, deed};

/// The project's key, with which every id begins.
pub(super) const KEY: &str = "tide";

const HOUR: u64 = 60;
const DAY: u64 = 24 * HOUR;

const MAYA: Actor = Actor { name: "maya", agent: None };
const JONAS: Actor = Actor { name: "jonas", agent: None };
const HERON: Actor = Actor { name: "heron", agent: Some(("claude_code", "claude-sonnet")) };
const PIKE: Actor = Actor { name: "pike", agent: Some(("codex", "gpt-codex")) };

pub(super) const ISSUES: &[Tale] = &[
    Tale {
        slug: "season",
        kind: "initiative",
        title: "Open the summer season with live departures",
        description: "Every quay shows when the next ferry **really** leaves, and every ticket works \
            without a network.",
        priority: 1,
        by: MAYA,
        age: 30 * DAY,
        deeds: &[deed(28 * DAY, MAYA, Move("in_progress")), deed(28 * DAY - 5, MAYA, Assign("maya"))],
        ..BLANK
    },
    Tale {
        slug: "live",
        kind: "epic",
        title: "Live departures on the quay displays",
        description: "Positions come from the harbour's AIS receiver.\n\n- [x] read the feed\n- [ ] match \
            vessels to slots\n- [ ] show delays",
        priority: 1,
        parent: Some("season"),
        labels: &["displays"],
        by: MAYA,
        age: 29 * DAY,
        deeds: &[deed(27 * DAY, MAYA, Move("in_progress")), deed(27 * DAY - 2, MAYA, Assign("jonas"))],
        ..BLANK
    },
    Tale {
        slug: "tickets",
        kind: "epic",
        title: "Tickets that survive an empty phone",
        description: "A printed code must be as good as the app.",
        parent: Some("season"),
        labels: &["tickets"],
        by: MAYA,
        age: 29 * DAY - 30,
        ..BLANK
    },
    Tale {
        slug: "winter",
        kind: "epic",
        title: "Winter timetable",
        description: "Not before September.",
        priority: 3,
        parent: Some("season"),
        by: MAYA,
        age: 12 * DAY,
        ..BLANK
    },
    Tale {
        slug: "ais-feed",
        title: "Read the harbour's AIS feed",
        description: "Decode message types 1, 2, 3 and 18; drop the rest.",
        parent: Some("live"),
        labels: &["displays", "feed"],
        by: MAYA,
        age: 26 * DAY,
        deeds: &[
            deed(25 * DAY, JONAS, Assign("heron")),
            deed(25 * DAY - 3, HERON, Move("in_progress")),
            deed(
                23 * DAY,
                HERON,
                Say("Decoder and fixtures are in. The feed repeats each line up to three \
                        times:\n\n```text\n!AIVDM,1,1,,B,15Mj23P000G?q7fK>g2Iw@5800S2,0*1C\n```\n\n\
                         Repeats within 10 s are dropped."),
            ),
            deed(22 * DAY, JONAS, Move("closed")),
        ],
        ..BLANK
    },
    Tale {
        slug: "match",
        title: "Match vessels to timetable slots",
        description: "A vessel belongs to the slot whose quay it left last and whose time is nearest.",
        priority: 1,
        parent: Some("live"),
        labels: &["displays"],
        by: JONAS,
        age: 21 * DAY,
        deeds: &[
            deed(3 * DAY, JONAS, Assign("heron")),
            deed(2 * DAY, HERON, Move("in_progress")),
            deed(
                5 * HOUR,
                HERON,
                Say("Works for 41 of 44 recorded days. The three others have a **replacement vessel** \
                        under a foreign call sign."),
            ),
            deed(3 * HOUR, MAYA, Say("Good find. Ask the skipper's app for the call sign, do not guess.")),
            deed(9, HERON, Say("Done that way; running the recordings again.")),
        ],
        ..BLANK
    },
    Tale {
        slug: "anchor",
        kind: "sub-task",
        title: "Ignore vessels at anchor",
        parent: Some("match"),
        by: HERON,
        age: 2 * DAY - 30,
        deeds: &[
            deed(2 * DAY - 40, HERON, Assign("heron")),
            deed(2 * DAY - 41, HERON, Move("in_progress")),
            deed(DAY, HERON, Move("closed")),
        ],
        ..BLANK
    },
    Tale {
        slug: "rename",
        kind: "sub-task",
        title: "Keep the slot when a vessel changes its name",
        priority: 3,
        parent: Some("match"),
        by: HERON,
        age: 6 * HOUR,
        deeds: &[deed(2 * HOUR, PIKE, Assign("pike")), deed(2 * HOUR - 1, PIKE, Move("in_progress"))],
        ..BLANK
    },
    Tale {
        slug: "delays",
        title: "Show delays within ten seconds",
        description: "From the vessel's movement to the display, measured on the quay.",
        priority: 1,
        parent: Some("live"),
        labels: &["displays", "performance"],
        by: JONAS,
        age: 20 * DAY,
        deeds: &[
            deed(4 * DAY, JONAS, Assign("jonas")),
            deed(4 * DAY - 2, JONAS, Move("in_progress")),
            deed(2 * DAY - 10, JONAS, Depend("blocked-by", "match")),
            deed(2 * DAY - 11, JONAS, Move("blocked")),
            deed(2 * DAY - 12, JONAS, Say("Nothing to show before vessels are matched.")),
        ],
        ..BLANK
    },
    Tale {
        slug: "next-three",
        kind: "story",
        title: "As a commuter I see the next three ferries",
        description: "Given the display at the east quay\nWhen a ferry has left\nThen the list moves up \
            within a minute",
        parent: Some("live"),
        labels: &["displays"],
        by: MAYA,
        age: 18 * DAY,
        ..BLANK
    },
    Tale {
        slug: "replace-display",
        title: "Write down how a display is replaced",
        priority: 3,
        parent: Some("live"),
        labels: &["docs"],
        by: MAYA,
        age: 10 * DAY,
        ..BLANK
    },
    Tale {
        slug: "voice",
        title: "Announce delays by voice",
        status: "backlog",
        priority: 4,
        parent: Some("live"),
        labels: &["accessibility"],
        by: MAYA,
        age: 9 * DAY,
        ..BLANK
    },
    Tale {
        slug: "midnight",
        kind: "bug",
        title: "After midnight the display shows yesterday's last ferry",
        description: "Seen at the east quay at 00:04. The timetable's day ends at 03:00, the display's at \
            00:00.\n\n| quay | wrong from | to |\n|---|---|---|\n| east | 00:00 | 03:00 |\n| mill | never \
            | |",
        priority: 0,
        labels: &["displays"],
        by: JONAS,
        age: DAY - 30,
        deeds: &[
            deed(20 * HOUR, MAYA, Assign("pike")),
            deed(20 * HOUR - 2, PIKE, Move("in_progress")),
            deed(
                4 * HOUR,
                PIKE,
                Say("Reproduced with the clock set to 00:04. The mill quay is right by chance: its \
                        display is an hour behind."),
            ),
        ],
        ..BLANK
    },
    Tale {
        slug: "clock",
        kind: "bug",
        title: "The clock of the mill quay's display is an hour behind",
        priority: 2,
        labels: &["displays"],
        by: PIKE,
        age: 4 * HOUR - 5,
        deeds: &[deed(4 * HOUR - 6, PIKE, Depend("relates-to", "midnight")), deed(HOUR, MAYA, Priority(1))],
        ..BLANK
    },
    Tale {
        slug: "umlauts",
        kind: "bug",
        title: "Quay names with å, ä and ö break the printed timetable",
        description: "`Färjeläger` comes out as `F?rjel?ger`.",
        by: JONAS,
        age: 15 * DAY,
        deeds: &[deed(14 * DAY, JONAS, Move("in_progress")), deed(13 * DAY, JONAS, Move("closed"))],
        ..BLANK
    },
    Tale {
        slug: "reader",
        kind: "bug",
        title: "Screen readers skip cancelled departures",
        priority: 1,
        labels: &["accessibility", "displays"],
        by: MAYA,
        age: 3 * DAY,
        deeds: &[
            deed(2 * DAY, MAYA, Assign("maya")),
            deed(DAY, MAYA, Move("in_progress")),
            deed(6, MAYA, Move("closed")),
        ],
        ..BLANK
    },
    Tale {
        slug: "paper",
        title: "Print a code on paper at the ticket machine",
        parent: Some("tickets"),
        labels: &["tickets"],
        by: MAYA,
        age: 17 * DAY,
        ..BLANK
    },
    Tale {
        slug: "offline",
        title: "Check tickets without a network",
        description: "The checker holds the day's list of valid codes, and *says* how old it is.",
        parent: Some("tickets"),
        labels: &["tickets"],
        by: MAYA,
        age: 17 * DAY - 20,
        deeds: &[
            deed(8 * DAY, JONAS, Depend("blocked-by", "paper")),
            deed(7 * DAY, JONAS, Move("in_progress")),
            deed(7 * DAY - 9, JONAS, Move("blocked")),
        ],
        ..BLANK
    },
    Tale {
        slug: "stamped",
        kind: "sub-task",
        title: "Reject a ticket that was stamped before",
        parent: Some("offline"),
        labels: &["tickets"],
        by: JONAS,
        age: 7 * DAY - 30,
        ..BLANK
    },
    Tale {
        slug: "boarded",
        kind: "story",
        title: "As a skipper I see how many have boarded",
        status: "backlog",
        priority: 3,
        parent: Some("tickets"),
        by: MAYA,
        age: 11 * DAY,
        ..BLANK
    },
    Tale {
        slug: "refund",
        kind: "bug",
        title: "The refund button can be pressed twice",
        description: "And pays twice.",
        priority: 0,
        labels: &["tickets"],
        by: MAYA,
        age: 6 * DAY,
        deeds: &[
            deed(6 * DAY - 4, MAYA, Assign("heron")),
            deed(6 * DAY - 5, HERON, Move("in_progress")),
            deed(
                6 * DAY - 90,
                HERON,
                Say("The request now carries a key; the second press gets the first one's answer."),
            ),
            deed(5 * DAY, MAYA, Move("closed")),
        ],
        ..BLANK
    },
    Tale {
        slug: "key",
        kind: "chore",
        title: "Renew the access key of the harbour's feed",
        priority: 1,
        labels: &["feed"],
        by: MAYA,
        age: 8 * DAY,
        deeds: &[deed(8 * DAY - 60, JONAS, Move("closed"))],
        ..BLANK
    },
    Tale {
        slug: "import",
        kind: "chore",
        title: "Move the nightly import to the small server",
        status: "backlog",
        priority: 3,
        labels: &["feed"],
        by: JONAS,
        age: 13 * DAY,
        ..BLANK
    },
    Tale {
        slug: "tiles",
        kind: "chore",
        title: "Renew the map tiles",
        status: "backlog",
        priority: 4,
        by: MAYA,
        age: 12 * DAY - 5,
        ..BLANK
    },
];

pub(super) const README: &str = "# Tidewater\n\nA sample repository for Hearsay: an invented team, \
    tracked with Kanbus. \
    Change what you like; nothing leaves this folder.\n";

/// The project's `.kanbus.yml`.
pub(super) const CONFIG: &str = include_str!("kanbus.yml");
