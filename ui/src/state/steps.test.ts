// The undo list: what survives a reload of the page, and what comes of a step that the core knows no more.
import { afterEach, beforeEach, expect, test, vi } from "vitest";
import { fakePair, type FakeCore } from "../platform/fake/fake";
import type { Platform } from "../platform/types";
import { fault } from "../wire/fault";
import type { Card, Done } from "../wire/generated";
import { CardEdits } from "./card-edits.svelte";
import { Drafts } from "./drafts.svelte";
import { Session } from "./session.svelte";
import { Steps, type Step } from "./steps";
import { AT_FOOT, Writes, type Conflict } from "./writes.svelte";

const NOW = Date.parse("2026-01-02T03:04:05Z");
let core: FakeCore;
let platform: Platform;
let session: Session;
let writes: Writes;
let edits: CardEdits;

/** The page, with what the tab has kept. */
function loaded(path = "/r"): void {
  session = new Session(platform);
  session.start();
  writes = new Writes(session, new Steps(sessionStorage));
  writes.useRepository(path);
  const drafts = new Drafts(null);
  drafts.useRepository(path);
  edits = new CardEdits(session, writes, drafts);
}

function reloaded(path?: string): void {
  session.stop();
  loaded(path);
}

beforeEach(() => {
  sessionStorage.clear();
  ({ core, platform } = fakePair(60, () => NOW));
  loaded();
});
afterEach(() => session.stop());

const ready = (nth = 0): Card =>
  [...session.board.cards()]
    .map(({ card }) => card)
    .filter((card) => card.status === "open" && card.heard === null && card.type !== "epic")[nth] as Card;
const start = (card: Card) => edits.set([`card:${card.id}`], "status", "in_progress");
const status = (card: Card) => core.card(card.id).status;
/** What is asked, and is asked no more. */
function taken(): Conflict | null {
  const { conflict } = writes;
  writes.conflict = null;
  return conflict;
}
const step = (token: string): Step => ({ token, said: token, issue: "k", run: "" });

test("what_was_done_can_be_taken_back_after_a_reload_the_newest_first", async () => {
  const [one, two] = [ready(0), ready(1)];
  await start(one);
  await start(two);
  reloaded();
  await writes.undo();
  expect([status(one), status(two)]).toEqual(["in_progress", "open"]);
  expect(writes.notice?.text).toBe(`Took back: Moved ${two.key} to In progress`);
  reloaded();
  await writes.undo();
  expect(status(one)).toBe("open");
  reloaded();
  const command = vi.spyOn(platform, "command");
  await writes.undo();
  expect(command.mock.calls.length, "nothing is undone twice").toBe(0);
});

test("only_tokens_and_words_are_kept_and_only_for_their_repository", async () => {
  const card = ready();
  await start(card);
  expect(sessionStorage.getItem("hearsay.steps:/r")).not.toContain(card.title);
  reloaded("/other");
  const command = vi.spyOn(platform, "command");
  await writes.undo();
  expect(command.mock.calls.length).toBe(0);
});

test("what_the_core_knows_no_more_says_so_and_the_next_older_is_offered", async () => {
  const [one, two] = [ready(0), ready(1)];
  await start(one);
  await start(two);
  vi.spyOn(platform, "command").mockRejectedValueOnce(fault("not_found", "there is nothing to take back"));
  await writes.undo();
  expect([writes.notice?.way, writes.refusals.has(AT_FOOT)]).toEqual(["undo", false]);
  expect(writes.notice?.text).toBe(
    `It is too late to take this back: Moved ${two.key} to In progress. Before that: Moved ${one.key} to In progress`,
  );
  expect(status(one), "it is offered, not done").toBe("in_progress");
  await writes.undo(writes.notice?.token ?? undefined);
  expect([status(one), status(two)]).toEqual(["open", "in_progress"]);
});

test("what_another_run_of_the_core_has_done_is_gone_as_a_whole", async () => {
  await start(ready(0));
  await start(ready(0));
  const since = new Date(NOW + 1000).toISOString();
  core.say({ watch: { kind: "watch", mode: "native", message: null, since } });
  const command = vi.spyOn(platform, "command").mockRejectedValue(fault("not_found", "gone"));
  await writes.undo();
  expect(writes.notice).toMatchObject({ way: null, text: expect.stringContaining("too late") as string });
  await writes.undo();
  expect(command.mock.calls.length).toBe(1);
});

test("an_undo_that_somebody_elses_change_is_in_the_way_of_stays_until_it_is_decided", async () => {
  const card = ready();
  await start(card);
  core.patch({ [`card:${card.id}`]: { ...core.card(card.id), title: "Theirs", content: "0123456789ab" } });
  await writes.undo();
  const cancelled = taken();
  await writes.undo();
  const again = taken();
  expect(
    [cancelled, again].map((one) => one?.attempt.said),
    "cancelled, it asks again",
  ).toEqual([`Took back: Moved ${card.key} to In progress`, `Took back: Moved ${card.key} to In progress`]);
  again?.attempt.dropped?.();
  await writes.undo();
  expect(taken(), "decided, it is over").toBeNull();
});

test("of_several_that_are_taken_back_in_part_it_is_said_which_part", async () => {
  await start(ready());
  const done: Done = {
    results: [{ done: {} }, { error: { code: "rule", message: "the workflow has no way back" } }],
    undo: "u",
  };
  vi.spyOn(platform, "command").mockResolvedValueOnce(done);
  await writes.undo();
  expect(writes.notice?.text).toMatch(/^Took back 1 of 2: Moved .*; the workflow has no way back$/);
});

test.each([
  ["what_is_left_of_several_can_be_taken_back_later_while_some_of_it_was_only_locked", "locked", 2],
  ["what_is_left_of_several_is_over_where_all_of_it_is_refused_for_good", "policy", 1],
] as const)("%s", async (_, other, asked) => {
  await start(ready());
  const errors = [fault("rule", "the workflow has no way back"), fault(other, "not this one")];
  const done: Done = { results: [{ done: {} }, ...errors.map((error) => ({ error }))] };
  const command = vi.spyOn(platform, "command").mockResolvedValue(done);
  await writes.undo();
  await writes.undo();
  expect(command.mock.calls.length).toBe(asked);
});

test("an_issue_that_is_not_there_at_the_moment_can_be_taken_back_when_it_is", async () => {
  const card = ready();
  await start(card);
  vi.spyOn(platform, "command").mockRejectedValueOnce(fault("unavailable", "the issue is not there"));
  await writes.undo();
  expect(writes.refusals.get(AT_FOOT)?.error.code).toBe("unavailable");
  await writes.undo();
  expect(status(card)).toBe("open");
});

test("a_hundred_steps_are_kept_and_rubbish_or_forbidden_storage_costs_nothing_but_the_next_life", () => {
  const steps = new Steps(sessionStorage);
  steps.useRepository("/r");
  for (let at = 0; at < 101; at++) steps.keep(step(`t${at}`));
  steps.useRepository("/r");
  expect([steps.take("t0"), steps.take("t1")?.token, steps.take()?.token]).toEqual([undefined, "t1", "t100"]);
  expect(steps.take()?.token, "what is being taken back is not offered meanwhile").toBe("t99");

  sessionStorage.setItem("hearsay.steps:/r", JSON.stringify([{ token: 1 }, null, step("t")]));
  steps.useRepository("/r");
  expect([steps.take()?.token, steps.take()]).toEqual(["t", undefined]);
  sessionStorage.setItem("hearsay.steps:/r", "{");
  const full = new Steps({
    ...sessionStorage,
    getItem: (name: string) => sessionStorage.getItem(name),
    setItem: () => {
      throw new DOMException("full", "QuotaExceededError");
    },
  } as Storage);
  full.useRepository("/r");
  full.keep(step("t"));
  expect(full.take()?.token).toBe("t");
});
