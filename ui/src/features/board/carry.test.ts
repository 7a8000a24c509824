// Carrying cards to another column, by keys and by pointer, on the sample core.
import { beforeEach, expect, test, vi } from "vitest";
import { fakePair, type FakeCore } from "../../platform/fake/fake";
import { Session } from "../../state/session.svelte";
import { Carry } from "./carry.svelte";

const NOW = Date.parse("2026-01-02T03:04:05Z");
let core: FakeCore;
let session: Session;
let carry: Carry;
const put = vi.fn();

beforeEach(() => {
  put.mockClear();
  const pair = fakePair(60, () => NOW);
  core = pair.core;
  session = new Session(pair.platform);
  session.start();
  carry = new Carry(session, put);
});

function keyOf(status: string): string {
  const found = [...session.board.cards()].find(({ card }) => card.status === status && card.type === "task");
  return found?.key ?? "";
}

test("only_the_columns_that_the_workflow_allows_are_lit_and_the_others_say_why", () => {
  carry.pick([keyOf("open")], "pointer");
  const standings = ["backlog", "open", "in_progress", "blocked", "closed", "deferred"].map((status) =>
    carry.standing(status),
  );
  expect(standings).toEqual(["legal", "own", "legal", "barred", "barred", "legal"]);
  expect(carry.words("in_progress")).toBe("Start: to In progress");
  expect(carry.words("closed")).toBe("The workflow of task has no way from Ready to Done");
});

test("keys_walk_legal_columns_only_enter_puts_down_and_every_step_is_said", () => {
  const key = keyOf("open");
  carry.pick([key], "keys");
  expect(carry.said).toContain("It may go to Backlog, In progress, Deferred");
  expect([carry.press("ArrowRight"), carry.over]).toEqual([true, "in_progress"]);
  carry.press("l");
  expect([carry.over, carry.said]).toEqual(["deferred", "To Deferred"]);
  carry.press("ArrowRight");
  expect(carry.over, "there is nothing beyond").toBe("deferred");
  carry.press("Enter");
  expect([put.mock.calls, carry.active]).toEqual([[[[key], "deferred"]], false]);
});

test("esc_and_a_barred_column_leave_everything_as_it_was", () => {
  carry.pick([keyOf("open")], "pointer");
  carry.hover("closed", { x: 0, y: 0 });
  carry.drop();
  carry.pick([keyOf("open")], "keys");
  carry.press("ArrowRight");
  carry.press("Escape");
  expect([put.mock.calls, carry.active, carry.said]).toEqual([[], false, "Put back"]);
});

test("a_card_that_goes_away_is_let_go", () => {
  const key = keyOf("open");
  carry.pick([key], "keys");
  core.patch({}, [key]);
  carry.settle();
  expect(carry.active).toBe(false);
});

test("several_cards_go_only_where_all_of_them_may", () => {
  carry.pick([keyOf("open"), keyOf("blocked")], "pointer");
  expect(carry.targets).toEqual(["open", "in_progress"]);
  expect(carry.words("closed")).toBe("Not all of them may go to Done");
});

test("a_card_with_nowhere_to_go_is_not_picked_up_by_keys", () => {
  const key = keyOf("open");
  core.patch({ [key]: { ...core.card(key.slice(5)), status: "nowhere" } });
  carry.pick([key], "keys");
  expect([carry.active, carry.said.endsWith("has nowhere to go")]).toEqual([false, true]);
});
