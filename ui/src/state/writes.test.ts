// From the key press to the answer, on the sample core: what is shown ahead, taken back, refused, undone.
import { afterEach, beforeEach, expect, test, vi } from "vitest";
import { fakePair, type FakeCore } from "../platform/fake/fake";
import { fault } from "../wire/fault";
import type { Card, Done } from "../wire/generated";
import { CardEdits, descendants } from "./card-edits.svelte";
import { Drafts } from "./drafts.svelte";
import { Session } from "./session.svelte";
import { AT_FOOT, Writes } from "./writes.svelte";

const NOW = Date.parse("2026-01-02T03:04:05Z");
let core: FakeCore;
let session: Session;
let writes: Writes;
let drafts: Drafts;
let edits: CardEdits;

function started(switches = ""): void {
  const pair = fakePair(60, () => NOW);
  core = pair.core;
  core.writer.switches = new URLSearchParams(switches);
  session = new Session(pair.platform);
  session.start();
  writes = new Writes(session);
  drafts = new Drafts(null);
  drafts.useRepository("/r");
  edits = new CardEdits(session, writes, drafts);
}

beforeEach(() => started());
afterEach(() => session.stop());

/** A card that may be started, and is committed. */
const ready = (nth = 0): Card => {
  const cards = [...session.board.cards()].map((placed) => placed.card);
  return cards.filter((card) => card.status === "open" && card.heard === null && card.type !== "epic")[
    nth
  ] as Card;
};
const shown = (card: Card) => session.board.byId(card.id)?.card;
const keyOf = (card: Card) => `card:${card.id}`;
const start = (card: Card) => edits.set([keyOf(card)], "status", "in_progress");

/** Holds the next answer back until it is let go. */
function held(): { answer: (done: Done) => void; refuse: (thrown: unknown) => void } {
  const gate: { answer: (done: Done) => void; refuse: (thrown: unknown) => void } = {
    answer: () => undefined,
    refuse: () => undefined,
  };
  vi.spyOn(session.platform, "command").mockImplementationOnce(
    () => new Promise<Done>((done, fail) => Object.assign(gate, { answer: done, refuse: fail })),
  );
  return gate;
}

test("a_move_is_shown_at_once_and_taken_back_with_the_rules_own_words_when_it_is_refused", async () => {
  const card = ready();
  const gate = held();
  const moving = start(card);
  expect(shown(card)?.status).toBe("in_progress");
  expect(session.board.lanes.get("in_progress")?.shown.map((placed) => placed.card.id)).toContain(card.id);
  gate.refuse(fault("rule", "not now", "later"));
  await moving;
  expect(shown(card)).toEqual(card);
  expect(writes.refusals.get(AT_FOOT)?.error).toMatchObject({ message: "not now", hint: "later" });
  expect(drafts.waits(card.id), "what a rule forbids is no draft").toBe(false);
});

test("what_is_shown_ahead_gives_way_to_what_the_core_says", async () => {
  const card = ready();
  const gate = held();
  const moving = start(card);
  gate.answer({});
  await moving;
  expect(shown(card)?.status, "until the board follows").toBe("in_progress");
  core.patch({ [keyOf(card)]: { ...card, content: "0123456789ab", status: "blocked" } });
  expect(shown(card)?.status).toBe("blocked");
});

test("a_board_that_came_before_the_answer_is_not_overruled_by_it", async () => {
  const card = ready();
  await start(card);
  core.patch({ [keyOf(card)]: { ...core.card(card.id), status: "closed", content: "0123456789ab" } });
  expect(shown(card)?.status).toBe("closed");
});

test("two_changes_of_one_card_are_both_shown_and_one_refusal_takes_only_its_own_back", async () => {
  const card = ready();
  const first = held();
  const moving = start(card);
  const second = held();
  const ranking = edits.set([keyOf(card)], "priority", 0);
  expect(shown(card)).toMatchObject({ status: "in_progress", priority: 0 });
  first.refuse(fault("rule", "no"));
  await moving;
  expect(shown(card)).toMatchObject({ status: "open", priority: 0 });
  second.answer({});
  await ranking;
});

test("undo_takes_the_last_change_back_and_it_can_be_done_again", async () => {
  const card = ready();
  await start(card);
  expect(writes.notice).toMatchObject({ text: `Moved ${card.key} to In progress`, way: "undo" });
  await writes.undo();
  expect(shown(card)?.status).toBe("open");
  expect(writes.notice?.way).toBe("redo");
  await writes.redo();
  expect(shown(card)?.status).toBe("in_progress");
  await writes.undo();
  await writes.undo();
  expect(shown(card)?.status, "nothing is left to take back").toBe("open");
});

test("an_undo_that_is_done_although_git_is_busy_is_one_step_back_and_can_be_done_again", async () => {
  const card = ready();
  await start(card);
  vi.spyOn(session.platform, "command").mockRejectedValueOnce(fault("git_busy", "a merge is under way"));
  await writes.undo();
  const refusal = writes.refusals.get(AT_FOOT);
  if (refusal === undefined) expect.unreachable();
  await writes.again(refusal, true);
  expect(shown(card)?.status).toBe("open");
  expect(writes.notice?.way).toBe("redo");
  await writes.undo();
  expect(shown(card)?.status, "nothing is left to take back").toBe("open");
});

test("an_undo_over_somebody_elses_change_asks_instead_of_reverting", async () => {
  const card = ready();
  await start(card);
  core.patch({ [keyOf(card)]: { ...core.card(card.id), title: "Theirs", content: "0123456789ab" } });
  await writes.undo();
  expect(writes.conflict?.error.fields?.title).toMatchObject({ theirs: "Theirs", mine: card.title });
  expect(shown(card)?.title).toBe("Theirs");
});

test("while_git_is_busy_the_draft_is_kept_and_can_be_written_anyway", async () => {
  started("busy");
  const card = ready();
  await start(card);
  const refusal = writes.refusals.get(AT_FOOT);
  expect([refusal?.error.code, shown(card)?.status, drafts.waits(card.id)]).toEqual([
    "git_busy",
    "open",
    true,
  ]);
  if (refusal !== undefined) await writes.again(refusal, true);
  expect([shown(card)?.status, drafts.waits(card.id), writes.refusals.size]).toEqual([
    "in_progress",
    false,
    0,
  ]);
});

test("a_change_elsewhere_to_the_same_field_is_a_conflict_that_keeps_the_draft", async () => {
  started("conflict");
  const card = ready();
  await start(card);
  expect(writes.conflict?.error.fields?.status).toMatchObject({
    base: "open",
    theirs: "blocked",
    mine: "in_progress",
  });
  expect([shown(card)?.status, drafts.waits(card.id)]).toEqual(["blocked", true]);
  writes.conflict?.attempt.dropped?.();
  expect(drafts.waits(card.id)).toBe(false);
});

test("an_edit_of_a_heard_status_begins_with_what_the_file_has", async () => {
  const card = ready();
  const heard = { at: new Date(NOW).toISOString(), deleted: false, fields: ["status"], from: "codex-3" };
  core.patch({ [keyOf(card)]: { ...card, heard, stage: "heard", status: "blocked" } });
  const detail = await session.platform.issue(card.id);
  vi.spyOn(session.platform, "issue").mockResolvedValue({ ...detail, issue: { status: "open" }, base: "b7" });
  const command = vi.spyOn(session.platform, "command");
  await edits.set([keyOf(card)], "status", "in_progress");
  expect(command.mock.calls[0]?.[0]).toMatchObject({ base: "b7", was: { status: "open" } });
});

test("several_cards_are_one_command_with_a_result_each_and_one_step_back", async () => {
  const [one, two] = [ready(0), ready(1)];
  const barred = [...session.board.cards()].find((placed) => placed.card.status === "closed")?.card as Card;
  await edits.set([one, two, barred].map(keyOf), "status", "in_progress");
  expect([one, two, barred].map((card) => shown(card)?.status)).toEqual([
    "in_progress",
    "in_progress",
    "closed",
  ]);
  expect(edits.results.map((result) => result.error?.code ?? null)).toEqual([null, null, "rule"]);
  await writes.undo();
  expect([one, two].map((card) => shown(card)?.status)).toEqual(["open", "open"]);
});

test("an_issue_goes_with_everything_below_it_and_comes_back_whole", async () => {
  const epic = [...session.board.cards()].find((placed) => placed.card.type === "epic")?.card as Card;
  const below = descendants(session, epic);
  expect(below.length).toBeGreaterThan(0);
  const before = session.board.size;
  await edits.delete([keyOf(epic), below[0]?.key ?? ""]);
  expect(session.board.size).toBe(before - 1 - below.length);
  await writes.undo();
  expect(session.board.size).toBe(before);
});

test("another_repository_starts_with_nothing_to_take_back", async () => {
  await start(ready());
  writes.useRepository("/other");
  const command = vi.spyOn(session.platform, "command");
  await writes.undo();
  expect([command.mock.calls.length, writes.notice]).toEqual([0, null]);
});
