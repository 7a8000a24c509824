// What comes of an edit whose answer takes its time: what is typed meanwhile, what is sent twice, another repository.
import { afterEach, beforeEach, expect, test, vi } from "vitest";
import { fakePair, type FakeCore } from "../../../platform/fake/fake";
import type { Platform } from "../../../platform/types";
import { unitKeyOf } from "../../../state/board";
import { CardEdits } from "../../../state/card-edits.svelte";
import { Drafts } from "../../../state/drafts.svelte";
import { Session } from "../../../state/session.svelte";
import { Steps } from "../../../state/steps";
import { AT_FOOT, Writes } from "../../../state/writes.svelte";
import { fault } from "../../../wire/fault";
import type { Card, Command, Done } from "../../../wire/generated";
import { Inspector } from "../inspector.svelte";
import { Editing } from "./editing.svelte";
import { NewIssue } from "./new-issue.svelte";

const NOW = Date.parse("2026-01-02T03:04:05Z");
let core: FakeCore;
let send: Platform["command"];
let platform: Platform;
let session: Session;
let writes: Writes;
let drafts: Drafts;
let inspector: Inspector;
let editing: Editing;
let card: Card;

beforeEach(async () => {
  localStorage.clear();
  sessionStorage.clear();
  ({ core, platform } = fakePair(60, () => NOW));
  send = platform.command.bind(platform);
  session = new Session(platform);
  session.start();
  writes = new Writes(session, new Steps(sessionStorage));
  drafts = new Drafts(localStorage);
  inspector = new Inspector(platform);
  editing = new Editing(session, writes, drafts, inspector);
  show("/r");
  card = [...session.board.cards()].find(
    ({ card: one }) => one.heard === null && one.status === "open" && one.type !== "epic",
  )?.card as Card;
  await open();
});
afterEach(() => session.stop());

function show(repository: string): void {
  drafts.useRepository(repository);
  writes.useRepository(repository);
}

async function open(): Promise<void> {
  inspector.close();
  inspector.open(unitKeyOf(card.id));
  inspector.watch(session.board.byId(card.id));
  await vi.waitFor(() => expect(inspector.detail).not.toBeNull());
}

/** Holds the answers back until they are let go; what is asked is done at once. */
function slow(): { asked: Command[]; go: () => void } {
  const asked: Command[] = [];
  const waiting: (() => void)[] = [];
  vi.spyOn(platform, "command").mockImplementation(async (command) => {
    asked.push(command);
    const done = await send(command);
    return new Promise<Done>((answer) => waiting.push(() => answer(done)));
  });
  const go = () => waiting.splice(0).forEach((answer) => answer());
  return { asked, go };
}

const asks = (line: { asked: Command[] }, many: number) =>
  vi.waitFor(() => expect(line.asked.length).toBe(many));
async function answered(line: { go: () => void }, ways: readonly Promise<unknown>[]): Promise<void> {
  const all = Promise.all(ways);
  let over = false;
  void all.then(() => (over = true));
  await vi.waitFor(() => {
    line.go();
    expect(over).toBe(true);
  });
}

test("what_is_typed_on_while_a_title_is_written_is_kept_as_a_draft_of_what_was_written", async () => {
  const line = slow();
  editing.begin("title");
  editing.type("title", "One");
  const way = editing.save("title");
  editing.type("title", "One and two");
  await asks(line, 1);
  await answered(line, [way]);
  expect(editing.field).toBe("title");
  expect(editing.draft("title")).toMatchObject({
    value: "One and two",
    was: "One",
    base: inspector.detail?.base,
  });
  await answered(line, [editing.save("title")]);
  expect([core.card(card.id).title, editing.draft("title"), editing.field, writes.conflict]).toEqual([
    "One and two",
    undefined,
    null,
    null,
  ]);
});

test("what_is_typed_back_while_it_is_written_is_a_draft_as_well_and_none_where_it_was_refused", async () => {
  const line = slow();
  editing.type("title", "One");
  const way = editing.save("title");
  editing.type("title", card.title);
  await answered(line, [way]);
  expect(editing.draft("title")).toMatchObject({ value: card.title, was: "One" });
  editing.discard("title");

  vi.spyOn(platform, "command").mockRejectedValueOnce(fault("locked", "not now"));
  editing.type("title", "Two");
  const refused = editing.save("title");
  editing.type("title", "One");
  await refused;
  expect(editing.draft("title")).toBeUndefined();
});

test("a_comment_that_is_sent_twice_at_once_is_posted_once_and_what_is_typed_on_is_kept", async () => {
  const line = slow();
  const { comments } = core.detail(card.id).html;
  editing.type("comment", "Said");
  const ways = [editing.comment(), editing.comment()];
  editing.type("comment", "Said, and more");
  ways.push(editing.comment());
  await answered(line, ways);
  expect([line.asked.length, core.detail(card.id).html.comments.length]).toEqual([1, comments.length + 1]);
  expect(editing.draft("comment")).toMatchObject({ value: "Said, and more", was: "" });
  await answered(line, [editing.comment()]);
  expect([line.asked.length, editing.draft("comment")]).toEqual([2, undefined]);
});

test("a_comment_that_is_tried_again_is_not_sent_a_second_time_meanwhile", async () => {
  vi.spyOn(platform, "command").mockRejectedValueOnce(fault("locked", "not now"));
  editing.type("comment", "Said");
  await editing.comment();
  const refusal = writes.refusals.get(editing.place("comment"));
  if (refusal === undefined) expect.unreachable();
  const line = slow();
  const again = writes.again(refusal, false);
  await answered(line, [again, editing.comment()]);
  expect([line.asked.length, editing.draft("comment")]).toEqual([1, undefined]);
});

test("a_comment_that_is_edited_on_while_it_is_saved_stays_open_and_is_saved_once", async () => {
  await platform.command({ type: "comment", id: card.id, text: "Old" });
  await open();
  const { comments } = inspector.detail?.issue as { comments: { id: string }[] };
  const id = comments.at(-1)?.id ?? "";
  const field = `comment:${id}`;
  const line = slow();
  editing.beginComment(id);
  editing.type(field, "New");
  const ways = [editing.saveComment(id), editing.saveComment(id)];
  editing.type(field, "Newer");
  await answered(line, ways);
  expect([line.asked.length, editing.field]).toEqual([1, field]);
  expect(editing.draft(field)).toMatchObject({ value: "Newer", was: "New" });
  await answered(line, [editing.saveComment(id)]);
  expect([editing.draft(field), editing.field, writes.refusals.size]).toEqual([undefined, null, 0]);
});

test("an_issue_that_is_made_twice_at_once_is_made_once_and_what_is_typed_on_is_kept", async () => {
  const issue = new NewIssue(session, writes, drafts);
  const line = slow();
  issue.set({ title: "Something new" });
  const ways = [issue.create(), issue.create()];
  issue.set({ title: "Something newer" });
  await answered(line, ways);
  expect([line.asked.length, await ways[1]]).toEqual([1, null]);
  expect([issue.drafted, issue.fields.title]).toEqual([true, "Something newer"]);
});

test("an_answer_for_a_repository_that_is_left_takes_its_own_draft_and_nothing_of_the_next", async () => {
  const line = slow();
  editing.type("title", "One");
  const way = editing.save("title");
  await asks(line, 1);
  show("/other");
  await open();
  editing.begin("title");
  drafts.put(card.id, "title", "One", { was: "Another title", base: null });
  const { detail } = inspector;
  await answered(line, [way]);
  expect([editing.draft("title")?.value, editing.field, inspector.detail]).toEqual(["One", "title", detail]);
  expect(writes.notice).toBeNull();
  await writes.undo();
  expect(line.asked.length, "it is no step of the next").toBe(1);
  show("/r");
  expect(editing.draft("title")).toBeUndefined();
});

test("a_refusal_for_a_repository_that_is_left_asks_nothing_in_the_next_and_keeps_the_draft", async () => {
  for (const error of [
    fault("rule", "no"),
    { ...fault("conflict", "two"), fields: { title: { base: "a", theirs: "b", mine: "c" } } },
  ]) {
    show("/r");
    let refuse: () => void = () => undefined;
    const before = new Promise<Done>((_, fail) => (refuse = () => fail(error)));
    vi.spyOn(platform, "command").mockReturnValueOnce(before);
    editing.type("title", "One");
    const way = editing.save("title");
    show("/other");
    refuse();
    await way;
    expect([writes.refusals.size, writes.conflict, editing.draft("title")]).toEqual([0, null, undefined]);
    show("/r");
    expect(editing.draft("title")?.value).toBe("One");
  }
});

test("an_undo_that_is_answered_in_the_next_repository_takes_no_step_of_its_own", async () => {
  const edits = new CardEdits(session, writes, drafts);
  const steps = () => JSON.parse(sessionStorage.getItem("hearsay.steps:/other") ?? "[]") as unknown[];
  const step = { token: "u", said: "Done there", issue: card.id, run: session.run };
  for (const path of ["/r", "/other"])
    sessionStorage.setItem(`hearsay.steps:${path}`, JSON.stringify([step]));
  for (const answer of [Promise.resolve({}), Promise.reject(fault("not_found", "gone"))]) {
    answer.catch(() => undefined);
    show("/r");
    vi.spyOn(platform, "command").mockReturnValueOnce(answer);
    const way = writes.undo();
    show("/other");
    await way;
    expect([steps(), writes.notice]).toEqual([[step], null]);
  }
  await edits.set([unitKeyOf(card.id)], "priority", 0);
  expect(steps().length).toBe(2);
});

test.each(["io", "not_found"] as const)(
  "what_was_chosen_is_a_draft_where_the_issue_may_come_back_%s",
  async (code) => {
    vi.spyOn(platform, "command").mockRejectedValue(fault(code, "the project is away"));
    await editing.choose("priority", 0);
    expect(editing.draft("priority")?.value).toBe(0);
    editing.discard("priority");
    await new CardEdits(session, writes, drafts).set([unitKeyOf(card.id)], "status", "in_progress");
    expect(drafts.get(card.id, "status")?.value).toBe("in_progress");
    expect(writes.refusals.has(AT_FOOT)).toBe(true);
  },
);

test("what_was_chosen_and_a_rule_forbids_is_no_draft", async () => {
  vi.spyOn(platform, "command").mockRejectedValue(fault("rule", "no"));
  await editing.choose("priority", 0);
  expect(editing.draft("priority")).toBeUndefined();
});
