// What the inspector shows of hearsay, and when it asks again.
import { expect, test } from "vitest";
import { sampleCards } from "../../platform/fake/sample";
import type { Card, CommentHtml, HeardDetail } from "../../wire/generated";
import { hearsayOf, mergedComments } from "./hearsay";
import { readsAgain } from "./inspector.svelte";

const [card] = sampleCards(1, Date.parse("2026-01-02T03:04:05Z")) as [Card];
const HEARD = { at: "2026-01-02T03:00:00Z", deleted: false, from: null };

test.each<[string, Partial<Card>, boolean]>([
  ["its_file_is_another", { content: "other" }, true],
  ["it_is_heard_again", { heard: { ...HEARD, fields: ["title"], at: "2026-01-02T03:09:00Z" } }, true],
  ["other_fields_are_heard", { heard: { ...HEARD, fields: ["title", "status"] } }, true],
  ["nothing_is_heard_any_more", { heard: null }, true],
  ["its_newest_events_change", { by: { name: "ada", agent: null, trail: "2" } }, true],
  ["it_is_committed", { stage: "committed" }, true],
  ["a_lease_is_renewed", { lease: { owner: "codex-3", expires_at: "2026-01-02T04:00:00Z" } }, false],
  ["its_neighbours_move", { rank: "9", children: { done: 1, total: 2 }, blocked_by: [], notes: [] }, false],
])("the_whole_issue_is_asked_for_again_as_it_should_when_%s", (_, change, again) => {
  const before: Card = { ...card, stage: "heard", heard: { ...HEARD, fields: ["title"] } };
  expect(readsAgain(before, { ...before, ...change })).toBe(again);
});

function detail(...fields: HeardDetail["fields"]): HeardDetail {
  return { ...HEARD, fields, html: { description: "", comments: [] } };
}

test("heard_fields_are_marked_before_the_issue_is_read_and_hold_the_files_value_after", () => {
  const heard: Card = { ...card, heard: { ...HEARD, fields: ["status", "creator"] } };
  expect([...hearsayOf(heard, null).fields]).toEqual([
    ["status", null],
    ["creator", null],
  ]);
  const status = { field: "status", base: "open", heard: "closed" };
  const creator = { field: "creator", base: null, heard: "ada" };
  const known = hearsayOf(heard, detail(status, creator));
  expect(known.fields.get("status")).toEqual(status);
  expect(known.others, "fields without a place of their own").toEqual([creator]);
});

test("without_a_file_no_field_is_set_against_it", () => {
  const ghost: Card = { ...card, heard: { ...HEARD, fields: [] } };
  const all = { field: "title", base: null, heard: "x" };
  expect(hearsayOf(ghost, detail(all)).fields.size).toBe(0);
});

const said = (id: string | null, html: string): CommentHtml => ({
  id,
  html,
  author: "ada",
  agent: null,
  created_at: null,
});

test("comments_of_the_file_and_heard_ones_are_shown_together_each_once", () => {
  const file = [said("a", "one"), said("b", "two"), said(null, "old")];
  const heard = [said("a", "one"), said(null, "old"), said("c", "new")];
  const shown = mergedComments(file, heard).map(({ comment, state }) => [comment.html, state]);
  expect(shown).toEqual([
    ["one", "same"],
    ["two", "gone"],
    ["old", "same"],
    ["new", "heard"],
  ]);
});

test("a_comment_that_is_heard_edited_keeps_the_text_of_the_file", () => {
  const [shown] = mergedComments([said("a", "one")], [said("a", "two")]);
  expect([shown?.comment.html, shown?.state, shown?.before]).toEqual(["two", "edited", "one"]);
});

test("where_no_comments_are_heard_those_of_the_file_stand", () => {
  expect(mergedComments([said("a", "one")], null).map(({ state }) => state)).toEqual(["same"]);
});
