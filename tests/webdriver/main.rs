//! What a person meets: the browser on `hear serve` and the desktop app, driven by WebDriver.
//!
//! One set of scenarios goes through both doors; `address` is the browser's alone and `launch` the desktop's. Every
//! scenario has processes, a home and a project of its own, and waits for what it expects, never for a time.
//!
//! Not here: what can be asked without a page (`promises/`).
#![allow(clippy::expect_used, clippy::panic, reason = "test support: a failure is a failed test")]

mod address;
mod album;
mod answer;
mod at_work;
mod bad_desktop;
mod banner;
mod board;
mod browser;
mod busy;
mod carry;
mod change;
mod closing;
mod conflict;
mod crash;
mod create;
mod delete;
mod desk;
mod desktop;
mod door;
mod driver;
mod heard;
mod hearing;
mod hush;
mod inspector;
mod keyboard;
mod lacking;
mod launch;
mod lease;
mod link;
mod look;
mod opening;
mod problem;
mod sample;
mod several;
mod tray;
mod trust;
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
    album::an_issue_that_is_edited_in_both_themes_in_both_sizes_leaves_a_picture,
    album::the_inbox_and_the_settings_in_both_themes_in_both_sizes_leave_a_picture,
    album::the_dialogs_in_both_themes_in_both_sizes_leave_a_picture,
    album::cards_that_are_changed_in_both_themes_in_both_sizes_leave_a_picture,
    answer::a_title_edited_in_place_is_in_the_file_and_undo_takes_it_back,
    answer::a_comment_is_written_edited_and_deleted,
    answer::a_duplicate_title_is_refused_where_it_was_typed_and_the_board_says_what_the_file_has,
    answer::a_move_that_a_policy_refuses_is_said_with_the_policy_and_the_card_goes_back,
    board::a_repository_opens_as_columns_in_configured_order_with_every_card,
    board::a_thousand_cards_cost_the_page_less_than_three_hundred,
    board::the_real_project_is_shown_to_the_last_issue,
    busy::an_edit_during_a_merge_is_refused_and_its_draft_outlives_a_restart_until_it_is_written_anyway,
    busy::a_card_that_is_moved_during_a_merge_goes_back_and_moves_once_the_merge_has_ended,
    busy::what_was_written_anyway_during_a_merge_is_taken_back_anyway,
    carry::the_keys_carry_a_card_to_a_legal_column_and_to_no_other,
    carry::the_mouse_carries_a_card_to_a_legal_column_and_to_no_other,
    carry::a_status_that_is_not_legal_is_not_offered,
    carry::escape_puts_back_what_the_mouse_carries_for_the_rest_of_the_press,
    change::a_file_that_is_replaced_moves_its_card_without_a_reload,
    change::what_kanbus_writes_moves_its_card,
    change::three_thousand_changes_end_where_a_fresh_board_does,
    conflict::what_an_agent_writes_under_an_open_draft_merges_where_it_is_another_field,
    conflict::the_same_field_raises_the_merge_view_and_each_of_its_ways_does_what_it_says,
    conflict::a_draft_is_there_after_a_restart_and_overwrites_nothing_that_came_meanwhile,
    create::a_new_issue_has_what_was_chosen_and_has_the_focus,
    create::a_title_of_spaces_and_one_that_is_taken_are_refused_where_they_were_typed,
    create::what_was_typed_for_a_new_issue_is_kept_until_it_is_created_or_thrown_away,
    delete::deleting_names_all_that_goes_with_it_and_taken_back_every_byte_is_there,
    heard::what_is_heard_is_marked_on_its_fields_until_the_file_says_it,
    heard::what_is_heard_lies_beside_what_the_file_says_in_an_open_issue,
    heard::an_issue_that_is_only_heard_is_a_ghost_until_its_file_comes,
    heard::an_issue_that_is_heard_deleted_is_struck_through_and_stays_until_its_file_goes,
    heard::the_focus_stays_on_a_card_that_something_heard_moves,
    heard::what_a_colleague_does_with_kanbus_is_heard_and_is_fact_with_the_pull,
    inspector::a_card_opens_with_its_text_its_comments_and_its_history,
    inspector::an_open_issue_follows_an_editor_that_changes_only_its_text,
    inspector::nothing_in_an_issue_runs_or_loads,
    inspector::the_page_runs_no_script_but_its_own,
    keyboard::the_keys_walk_the_board_and_open_what_has_the_focus,
    lease::a_lease_is_on_the_card_with_its_holder_and_its_time_until_it_is_released,
    lease::a_lease_that_runs_out_while_somebody_looks_is_told_from_none,
    link::the_bar_and_its_panel_say_how_gossip_comes_and_how_fresh_it_is,
    link::an_envelope_that_is_refused_is_counted_in_the_panel,
    link::a_broker_that_is_lost_is_said_beside_a_bus_that_is_well,
    link::a_link_that_is_wholly_lost_is_said_with_its_age_while_files_go_on,
    link::a_bus_whose_host_is_killed_is_taken_over_and_the_bar_says_so,
    link::gossip_that_is_switched_off_is_said_and_files_go_on,
    look::both_themes_in_both_sizes_leave_a_picture,
    look::hearsay_in_both_themes_in_both_sizes_leaves_a_picture,
    problem::a_broken_configuration_is_named_with_its_place_until_it_is_mended,
    problem::a_broken_file_is_named_with_its_place_until_it_is_mended,
    several::three_selected_cards_change_together_and_each_change_is_one_step_to_take_back,
    several::where_some_of_several_are_refused_the_rest_is_done_and_it_is_said_which_and_why,
    several::several_cards_that_are_refused_during_a_merge_are_written_anyway_together,
    several::three_selected_cards_are_carried_by_the_mouse_to_where_all_of_them_may_go,
    several::selected_cards_are_deleted_together_once_it_is_agreed_to,
    trust::what_a_repository_asks_for_is_done_once_the_person_agrees_and_not_before,
    trust::what_is_asked_for_anew_is_shown_before_it_is_agreed_to,
    trust::a_trust_given_on_the_command_line_answers_the_question_in_the_window,
    trust::a_trust_taken_back_on_the_command_line_is_taken_back_in_the_window,
}
