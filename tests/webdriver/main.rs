//! What a person meets: the browser on `hear serve` and the desktop app, driven by WebDriver.
//!
//! One set of scenarios goes through both doors; `address` is the browser's alone and `launch` the desktop's. Every
//! scenario has processes, a home and a project of its own, and waits for what it expects, never for a time.
//!
//! Not here: what can be asked without a page (`promises/`).
#![allow(clippy::expect_used, clippy::panic, reason = "test support: a failure is a failed test")]

mod address;
mod board;
mod browser;
mod change;
mod desktop;
mod door;
mod driver;
mod group;
mod inspector;
mod keyboard;
mod launch;
mod look;
mod problem;
mod sample;
mod window;

/// Makes a test of each scenario for each door.
macro_rules! through_both_doors {
    ($($scenarios:ident::$promise:ident),* $(,)?) => {
        mod on_the_browser {
            $(#[test] fn $promise() { crate::$scenarios::$promise(crate::door::Door::Browser); })*
        }
        mod on_the_desktop {
            $(#[test] fn $promise() { crate::$scenarios::$promise(crate::door::Door::Desktop); })*
        }
    };
}

through_both_doors! {
    board::a_repository_opens_as_columns_in_configured_order_with_every_card,
    board::a_thousand_cards_cost_the_page_less_than_three_hundred,
    board::the_real_project_is_shown_to_the_last_issue,
    change::a_file_that_is_replaced_moves_its_card_without_a_reload,
    change::what_kanbus_writes_moves_its_card,
    change::three_thousand_changes_end_where_a_fresh_board_does,
    inspector::a_card_opens_with_its_text_its_comments_and_its_history,
    inspector::an_open_issue_follows_an_editor_that_changes_only_its_text,
    inspector::nothing_in_an_issue_runs_or_loads,
    inspector::the_page_runs_no_script_but_its_own,
    keyboard::the_keys_walk_the_board_and_open_what_has_the_focus,
    look::both_themes_in_both_sizes_leave_a_picture,
    problem::a_broken_configuration_is_named_with_its_place_until_it_is_mended,
    problem::a_broken_file_is_named_with_its_place_until_it_is_mended,
}
