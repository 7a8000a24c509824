// The indexes of the board, driven by the sample core. What the map of units does is tested in units.test.ts.
import { describe, expect, test } from "vitest";
import { Dice, sampleBoard } from "../platform/fake/sample";
import { compareBytes } from "../shared/order";
import type { Card, Unit } from "../wire/generated";
import { Board } from "./board";
import { columnsOf } from "./columns";
import { filterFor } from "./filter";

const NOW = Date.parse("2026-01-02T03:04:05Z");

function opened(units: Record<string, Unit>): Board {
  const board = new Board();
  board.apply({ type: "board_full", to: "t0", board: units, live: {} });
  return board;
}

function cardsOf(units: Record<string, Unit>): [string, Card][] {
  return Object.entries(units).filter((entry): entry is [string, Card] => entry[1].kind === "card");
}

/** The columns as a text tree, the way a person would read the board. */
function tree(board: Board): string {
  const columns = columnsOf(board.meta, board.lanes.statuses(), {});
  return columns
    .map((column) => {
      const cards = board.lanes.get(column.status)?.shown ?? [];
      return `${column.title}${column.note === null ? "" : ` (${column.note})`}: ${cards.map(({ card }) => card.key).join(" ")}`;
    })
    .join("\n");
}

function card(id: string, status: string | null, rank: string, more: Partial<Card> = {}): Card {
  const [, sample] = cardsOf(sampleBoard(1, NOW))[0] as [string, Card];
  return {
    ...sample,
    id,
    key: id,
    status,
    rank,
    parent: null,
    stage: "committed",
    source: "shared",
    ...more,
  };
}

describe("columns", () => {
  const { meta } = sampleBoard(0, NOW);
  const units: Record<string, Unit> = {
    meta: meta as Unit,
    "card:b": card("b", "open", "2"),
    "card:a": card("a", "open", "2"),
    "card:c": card("c", "open", "1"),
    "card:x": card("x", "zeta", "1"),
    "card:y": card("y", "Alpha", "1"),
    "card:n": card("n", null, "1"),
  };

  test("configured_columns_come_first_then_unknown_statuses_then_none", () => {
    expect(tree(opened(units))).toMatchInlineSnapshot(`
      "Backlog: 
      Ready: c a b
      In progress: 
      Blocked: 
      Done: 
      Deferred: 
      Alpha (not in .kanbus.yml): y
      zeta (not in .kanbus.yml): x
      No status: n"
    `);
  });

  test("a_column_of_no_configuration_goes_with_its_last_card", () => {
    const board = opened(units);
    board.apply({
      type: "board_delta",
      from: "t0",
      to: "t1",
      set: { "card:x": card("x", "open", "9") },
      del: ["card:y"],
    });
    expect(tree(board)).not.toMatch(/zeta|Alpha/);
    expect(tree(board)).toMatch(/^Ready: c a b x$/m);
  });
});

test("ranks_sort_by_bytes_not_by_utf16", () => {
  const words = ["a", "", "\u{1f600}", "\uffff", "\ue000", "ab", "é", "A"];
  const bytes = (word: string) => Buffer.from(word, "utf8");
  expect([...words].sort(compareBytes)).toEqual(
    [...words].sort((a, b) => Buffer.compare(bytes(a), bytes(b))),
  );
});

test("any_sequence_of_patches_gives_what_a_fresh_board_gives", () => {
  const dice = new Dice(42);
  const units = sampleBoard(80, NOW);
  const board = opened({ ...units });
  board.setFilter(filterFor("e", (status) => status));
  for (let round = 0; round < 300; round++) {
    const [key, before] = dice.pick(cardsOf(units));
    const fate = dice.roll(10);
    const status = dice.pick(["open", "in_progress", "closed", "else", null]);
    const after: Card = {
      ...before,
      status,
      rank: String(dice.roll(50)),
      stage: dice.pick(["written", "committed"] as const),
    };
    const set: Record<string, Unit> = fate === 0 ? {} : { [key]: after };
    const del = fate === 0 ? [key] : [];
    if (fate === 0) Reflect.deleteProperty(units, key);
    Object.assign(units, set);
    board.apply({ type: "board_delta", from: `t${round}`, to: `t${round + 1}`, set, del });
  }
  const fresh = opened({ ...units });
  fresh.setFilter(filterFor("e", (status) => status));
  expect(tree(board)).toBe(tree(fresh));
  expect(board.uncommitted).toBe(fresh.uncommitted);
  expect([board.lanes.total, board.lanes.hidden]).toEqual([fresh.lanes.total, fresh.lanes.hidden]);
  for (const [, { id }] of cardsOf(units)) expect(board.childrenOf(id)).toEqual(fresh.childrenOf(id));
});

test("the_cost_of_a_patch_follows_the_patch", () => {
  const units = sampleBoard(10_000, NOW);
  const looked = new Set<string>();
  for (const [key, { rank, ...card }] of cardsOf(units)) {
    const watched = Object.defineProperty(card, "rank", { get: () => (looked.add(key), rank) });
    units[key] = watched as Card;
  }
  const board = opened(units);
  const [key, before] = cardsOf(units)[5000] as [string, Card];
  looked.clear();
  const after: Card = { ...before, rank: before.rank, status: "closed", title: "moved" };
  board.apply({ type: "board_delta", from: "t0", to: "t1", set: { [key]: after }, del: [] });
  expect(board.byId(before.id)?.card.title).toBe("moved");
  expect(looked.size, "cards that a patch of one card looks at, of 10,000").toBeLessThan(64);
});

test("an_id_in_two_projects_resolves_to_the_first_and_both_keep_their_key", () => {
  const board = opened({ "card:k": card("k", "open", "1"), "card:docs/k": card("k", "open", "2") });
  expect(board.byId("k")?.key).toBe("card:k");
  board.apply({ type: "board_delta", from: "t0", to: "t1", set: {}, del: ["card:k"] });
  expect(board.byId("k")?.key).toBe("card:docs/k");
});

test("errors_come_before_warnings", () => {
  const severities = opened(sampleBoard(0, NOW)).problems.map(([, problem]) => problem.severity);
  expect(severities).toEqual(["error", "warning"]);
});

test("a_filter_asks_for_every_word_anywhere_in_the_card", () => {
  const filter = filterFor("Ready  ADA", (status) => (status === "open" ? "Ready" : status));
  expect(filter?.(card("k", "open", "1", { assignee: "ada" }))).toBe(true);
  expect(filter?.(card("k", "closed", "1", { assignee: "ada" }))).toBe(false);
  expect(filterFor("   ", (status) => status)).toBeNull();
});
