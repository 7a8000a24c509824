// Where a card may go, on the sample's workflows.
import { expect, test } from "vitest";
import { NEW_CARD } from "../platform/fake/detail";
import { META } from "../platform/fake/sample";
import type { Card } from "../wire/generated";
import { commonMoves, legalMoves, nextMove } from "./moves";

const card = (more: Partial<Card>): Card => ({
  ...NEW_CARD,
  id: "k",
  key: "k",
  title: "k",
  rank: "",
  ...more,
});
const next = (more: Partial<Card>) => legalMoves(META, card(more)).map((move) => move.status);

test("a_type_without_a_workflow_of_its_own_has_the_default_one", () => {
  expect(next({ type: "bug", status: "closed" })).toEqual(["open"]);
  expect(next({ type: "epic", status: "in_progress" })).toEqual(["closed"]);
  expect(next({ type: "epic", status: "closed" })).toEqual([]);
});

test.each(["constructor", "__proto__", "toString"])(
  "%s is no type and no status that leads anywhere",
  (word) => {
    expect([next({ type: "task", status: word }), next({ type: word, status: "closed" })]).toEqual([
      [],
      ["open"],
    ]);
  },
);

test("no_status_no_project_and_no_configuration_lead_nowhere", () => {
  expect([next({ status: null }), next({ project: "else" }), legalMoves(null, card({}))]).toEqual([
    [],
    [],
    [],
  ]);
});

test("several_cards_go_only_where_all_of_them_may", () => {
  const both = [card({ status: "open" }), card({ status: "blocked" })];
  expect(commonMoves(META, both)).toEqual(["open", "in_progress"]);
  expect(commonMoves(META, [])).toEqual([]);
});

test("the_next_legal_status_skips_columns_that_are_barred", () => {
  const open = card({ status: "open" });
  expect([nextMove(META, open, 1), nextMove(META, open, -1)]).toEqual(["in_progress", "backlog"]);
  expect(nextMove(META, card({ status: "closed" }), -1)).toBe("open");
  expect(nextMove(META, card({ status: "closed" }), 1)).toBeNull();
});
