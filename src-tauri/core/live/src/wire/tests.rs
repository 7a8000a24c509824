//! The generated TypeScript is the wire.

use super::*;
use crate::settings;
use hearsay_board::{attention, unit};
use ts_rs::Config;

const GENERATED: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/../../../ui/src/wire/generated.ts");

/// The declaration of each type, to be exported.
macro_rules! declared {
    ($($kind:ty),+ $(,)?) => {[$(format!("export {}", <$kind as TS>::decl(&Config::default()))),+]};
}

fn generated() -> String {
    let mut declarations =
        vec!["// Generated from Rust by ts-rs (`cargo xtask types`); do not edit.".to_owned()];
    declarations.extend(of_the_board());
    declarations.extend(of_attention());
    declarations.extend(of_the_wire());
    declarations.push("export type Unit = Card | GitState | Meta | Problem;".to_owned());
    declarations.push("export type Tag = string;".to_owned());
    declarations.join("\n\n") + "\n"
}

fn of_the_board() -> impl IntoIterator<Item = String> {
    declared!(
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
    )
}

fn of_attention() -> impl IntoIterator<Item = String> {
    declared!(
        attention::Rung,
        attention::Sure,
        attention::Attribution,
        attention::change::Kind,
        attention::change::Comment,
        attention::change::Told,
        attention::change::Reached,
        attention::change::Obstacle,
        attention::change::What,
        attention::Subject,
        attention::Change,
        attention::Class,
        attention::Hushed,
        attention::About,
        attention::Line,
        attention::Muted,
        attention::Mute,
        attention::quiet::Day,
        attention::quiet::Span,
        attention::QuietHours,
        attention::inbox::Counts,
        attention::inbox::State,
        attention::inbox::Item,
        attention::rule::Tried,
        attention::rule::DryRun,
        settings::Theme,
        settings::Appearance,
        settings::Identity,
        settings::Notifications,
        settings::Readers,
        settings::Realtime,
        settings::Tray,
        settings::Settings,
        InboxUnit,
        SettingsUnit,
        InboxList,
        Notice,
        Mark,
        Trial,
    )
}

fn of_the_wire() -> impl IntoIterator<Item = String> {
    declared!(
        LiveUnit,
        crate::session::PartState,
        crate::session::Part,
        crate::session::Session,
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
    )
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
