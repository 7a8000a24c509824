// Two versions of a field, and what Git holds back: when a card says so, and when it does so no more.
import { flushSync } from "svelte";
import { afterEach, beforeEach, expect, test, vi } from "vitest";
import { fakePair, type FakeCore } from "../platform/fake/fake";
import type { Platform } from "../platform/types";
import { fault } from "../wire/fault";
import type { Card, GitState } from "../wire/generated";
import { unitKeyOf } from "./board";
import { CardEdits } from "./card-edits.svelte";
import { Drafts } from "./drafts.svelte";
import { HeldBack } from "./held-back";
import { decided } from "./merge";
import { Session } from "./session.svelte";
import { Versions } from "./versions.svelte";
import { Writes } from "./writes.svelte";

const NOW = Date.parse("2026-01-02T03:04:05Z");
let core: FakeCore;
let platform: Platform;
let session: Session;
let drafts: Drafts;
let writes: Writes;
let versions: Versions;
let held: HeldBack;
let card: Card;
let key: string;
let over: [string, readonly string[]][];

function started(): void {
  session = new Session(platform);
  session.start();
  drafts = new Drafts(localStorage);
  drafts.useRepository("/r");
  writes = new Writes(session);
  over = [];
  versions = new Versions(session, drafts, writes, (...what) => over.push(what));
  held = new HeldBack(session, drafts, writes);
}

beforeEach(() => {
  localStorage.clear();
  ({ core, platform } = fakePair(60, () => NOW));
  started();
  card = [...session.board.cards()].find(({ card: one }) => one.heard === null && one.status === "open")
    ?.card as Card;
  key = unitKeyOf(card.id);
});
afterEach(() => session.stop());

/** Begins a draft as the inspector does. */
async function draft(field: string, value: unknown): Promise<void> {
  const { issue, base } = await platform.issue(card.id);
  drafts.put(card.id, field, value, { was: (issue as Record<string, unknown>)[field], base });
}

async function looked(): Promise<void> {
  versions.look();
  for (let round = 0; round < 3; round++) await Promise.resolve();
  flushSync();
}

const theirs = (set: Record<string, unknown>) => platform.command({ type: "set_fields", id: card.id, set });

test("a_draft_of_what_somebody_else_has_changed_is_one_of_two_versions", async () => {
  await draft("description", "Mine");
  await looked();
  expect(versions.of(key), "nobody else was at it").toEqual([]);
  await theirs({ title: "Another field" });
  await looked();
  expect(versions.of(key), "another field is no second version").toEqual([]);
  await theirs({ description: "Theirs" });
  await looked();
  expect(versions.of(key)).toEqual(["description"]);
  expect(versions.said).toContain(`${card.key} has 2 versions`);
  await theirs({ description: "Mine" });
  await looked();
  expect(versions.of(key), "both say the same").toEqual([]);
});

test("a_file_that_changed_under_a_draft_is_read_once_and_no_other_is", async () => {
  const read = vi.spyOn(platform, "issue");
  core.patch({ [key]: { ...core.card(card.id), content: "111111111111" } });
  await looked();
  expect(read.mock.calls.length, "there is no draft").toBe(0);
  await draft("title", "Mine");
  read.mockClear();
  await looked();
  expect(read.mock.calls.length, "the draft knows this file").toBe(0);
  await theirs({ title: "Theirs" });
  await looked();
  await looked();
  expect(read.mock.calls.length).toBe(1);
});

test("asked_to_choose_the_person_sees_all_three_and_nothing_is_written_before", async () => {
  const { title } = card;
  await draft("title", "Mine");
  await draft("priority", 0);
  await theirs({ title: "Theirs" });
  const command = vi.spyOn(platform, "command");
  await versions.choose(key);
  const { conflict } = writes;
  expect(conflict?.error.fields).toEqual({ title: { base: title, theirs: "Theirs", mine: "Mine" } });
  expect(command.mock.calls.length).toBe(0);
  if (conflict === null) return;
  const chosen = decided(conflict.attempt.command, card.id, conflict.error, { title: "mine" });
  if (chosen !== null) await writes.send({ ...conflict.attempt, command: chosen });
  expect([core.card(card.id).title, over]).toEqual(["Mine", [[card.id, ["title"]]]]);
  expect(drafts.get(card.id, "title")).toBeUndefined();
  expect(drafts.get(card.id, "priority")?.value, "nobody fought over it").toBe(0);
});

test("two_versions_of_a_comment_are_chosen_between_as_a_comment", async () => {
  await platform.command({ type: "comment", id: card.id, text: "Old" });
  const { issue, base } = await platform.issue(card.id);
  const { comments } = issue as { comments: { id: string }[] };
  const comment = comments.at(-1)?.id ?? "";
  drafts.put(card.id, `comment:${comment}`, "Mine", { was: "Old", base });
  await platform.command({ type: "edit_comment", id: card.id, comment, text: "Theirs" });
  await looked();
  expect(versions.of(key)).toEqual([`comment:${comment}`]);
  await versions.choose(key);
  expect(writes.conflict?.error.fields).toEqual({
    [`comments.${comment}`]: { base: "Old", theirs: "Theirs", mine: "Mine" },
  });
  expect(writes.conflict?.attempt.command).toMatchObject({ type: "edit_comment", comment, text: "Mine" });
});

test("where_the_versions_have_become_one_meanwhile_nothing_is_asked", async () => {
  await draft("title", "Mine");
  await theirs({ title: "Theirs" });
  await theirs({ title: "Mine" });
  await versions.choose(key);
  expect(writes.conflict).toBeNull();
});

test("a_file_that_could_not_be_read_is_read_the_next_time", async () => {
  await draft("title", "Mine");
  await theirs({ title: "Theirs" });
  vi.spyOn(platform, "issue").mockRejectedValueOnce(fault("unavailable", "no answer"));
  await looked();
  expect(versions.of(key)).toEqual([]);
  await looked();
  expect(versions.of(key)).toEqual(["title"]);
});

test("what_is_typed_on_while_the_chosen_version_is_written_is_kept", async () => {
  await draft("title", "Mine");
  await theirs({ title: "Theirs" });
  await versions.choose(key);
  const attempt = writes.conflict?.attempt;
  if (attempt === undefined) expect.unreachable();
  vi.spyOn(platform, "command").mockResolvedValueOnce({ base: "b9", issue: { title: "Mine" } });
  const way = writes.send(attempt);
  drafts.put(card.id, "title", "Mine, and more", { was: "", base: null });
  await way;
  expect(drafts.get(card.id, "title")).toMatchObject({ value: "Mine, and more", was: "Mine", base: "b9" });
  expect(over).toEqual([[card.id, []]]);
});

test("versions_that_are_read_when_another_repository_is_open_ask_nothing", async () => {
  await draft("title", "Mine");
  await theirs({ title: "Theirs" });
  const way = versions.choose(key);
  drafts.useRepository("/other");
  drafts.put(card.id, "title", "Mine", { was: card.title, base: null });
  await way;
  expect(writes.conflict).toBeNull();
});

const git = (operation: string | null): GitState => ({ ...(core.board.git as GitState), operation });

/** Moves the card, and is refused because of `what`. */
async function refusedBy(what: string): Promise<void> {
  vi.spyOn(platform, "command").mockRejectedValueOnce(fault("git_busy", `Git is busy: ${what}`));
  await new CardEdits(session, writes, drafts).set([key], "status", "in_progress");
}

test("what_git_keeps_from_being_written_is_held_back_with_the_reason_until_git_is_done", async () => {
  core.patch({ git: git("rebase") });
  expect(held.of(key)?.reason ?? null, "nothing was to be written").toBeNull();
  await refusedBy("rebase");
  expect(held.of(key)?.reason ?? null).toBe("a rebase is under way");
  session.stop();
  started();
  expect(held.of(key)?.reason ?? null, "after a restart").toBe("a rebase is under way");
  core.patch({ git: git(null) });
  expect([held.of(key)?.reason ?? null, drafts.waits(card.id)], "then it is a draft like any other").toEqual([
    null,
    true,
  ]);
  core.patch({ git: git("cherry_pick") });
  expect(held.of(key)?.reason ?? null, "what has not been tried since is not held").toBeNull();
});

test("what_gits_index_keeps_from_being_written_is_held_back_until_it_is_answered", async () => {
  await refusedBy("index");
  expect(held.of(key)?.reason ?? null).toBe("Git is busy: index");
  const refusal = writes.refusals.values().next().value;
  if (refusal !== undefined) await writes.again(refusal, false);
  expect([held.of(key)?.reason ?? null, drafts.waits(card.id)]).toEqual([null, false]);
});

test("a_draft_that_nobody_tried_to_write_is_not_held_back", async () => {
  core.patch({ git: git("merge") });
  await draft("title", "Mine");
  expect(held.of(key)?.reason ?? null).toBeNull();
});

test("a_write_is_shown_to_be_under_way_once_it_takes_its_time_and_until_the_last_has_ended", async () => {
  vi.useFakeTimers();
  try {
    const answers: (() => void)[] = [];
    vi.spyOn(platform, "command").mockImplementation(
      () => new Promise((done) => answers.push(() => done({}))),
    );
    const attempt = { said: "", issue: card.id, place: "p" };
    const one = writes.send({ ...attempt, command: { type: "comment", id: card.id, text: "one" } });
    const two = writes.send({ ...attempt, command: { type: "comment", id: card.id, text: "two" } });
    vi.advanceTimersByTime(149);
    expect(writes.busy.has(key)).toBe(false);
    vi.advanceTimersByTime(1);
    expect(writes.busy.has(key)).toBe(true);
    answers[0]?.();
    await one;
    expect(writes.busy.has(key)).toBe(true);
    answers[1]?.();
    await two;
    expect(writes.busy.has(key)).toBe(false);
  } finally {
    vi.useRealTimers();
  }
});

test("the_core_is_told_of_a_conflict_with_a_draft_once", async () => {
  const told = () => core.attention.asked.filter(({ type }) => type === "draft_conflict");
  await draft("description", "Mine");
  await draft("title", "My title");
  await theirs({ description: "Theirs" });
  await looked();
  await theirs({ description: "Theirs, once more" });
  await looked();
  expect(told()).toEqual([{ type: "draft_conflict", id: card.id, fields: ["description"] }]);
  await theirs({ title: "Their title" });
  await looked();
  expect(told().at(-1)).toMatchObject({ fields: ["description", "title"] });
  expect(told()).toHaveLength(2);
});
