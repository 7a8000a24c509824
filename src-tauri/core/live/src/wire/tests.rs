//! The generated TypeScript is the wire.

use super::*;
use hearsay_board::unit;
use ts_rs::Config;

const GENERATED: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/../../../ui/src/wire/generated.ts");

fn generated() -> String {
    let config = Config::default();
    let mut declarations =
        vec!["// Generated from Rust by ts-rs (`cargo xtask types`); do not edit.".to_owned()];
    macro_rules! declare {
        ($($kind:ty),+ $(,)?) => {$(declarations.push(format!("export {}", <$kind as TS>::decl(&config)));)+};
    }
    declare!(
        unit::Source,
        unit::Stage,
        unit::By,
        unit::Children,
        unit::Heard,
        unit::Lease,
        unit::NoteCode,
        unit::Note,
        unit::CardKind,
        unit::Card<'_>,
        unit::Semantic,
        unit::Column,
        unit::Priority,
        hearsay_board::rules::Move,
        unit::Initial,
        unit::ProjectMeta,
        unit::IssueType,
        unit::MetaKind,
        unit::Meta,
        unit::GitKind,
        unit::GitState,
        unit::ProblemCode,
        unit::Severity,
        unit::ProblemKind,
        unit::Problem,
        WatchMode,
        Watch,
        LinkState,
        WayKind,
        Way,
        Lag,
        Link,
        AskKind,
        Ask,
        Trust,
        LiveUnit,
        RepositoryInfo,
        Message<'_>,
        ErrorCode,
        hearsay_board::rules::Sides,
        WireError,
        EventEntry,
        CommentHtml,
        IssueHtml,
        HeardField,
        HeardDetail,
        hearsay_board::rules::Legal,
        IssueDetail,
        EventPage,
        command::LabelChange,
        Command,
        Outcome,
        Done,
    );
    declarations.push("export type Unit = Card | GitState | Meta | Problem;".to_owned());
    declarations.push("export type Tag = string;".to_owned());
    declarations.join("\n\n") + "\n"
}

#[test]
fn the_generated_types_are_up_to_date() {
    let wanted = generated();
    if std::env::var_os("HEARSAY_BLESS").is_some() {
        std::fs::write(GENERATED, &wanted).unwrap();
    }
    let committed = std::fs::read_to_string(GENERATED).unwrap_or_default();
    assert!(committed == wanted, "run `cargo xtask types` and commit what it writes");
}

#[test]
fn codes_have_the_same_name_everywhere() {
    for code in [ErrorCode::NotFound, ErrorCode::GitBusy, ErrorCode::TooLarge, ErrorCode::Internal] {
        assert_eq!(serde_json::to_value(code).unwrap(), code.name());
    }
}
