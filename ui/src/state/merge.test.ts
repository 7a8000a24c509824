// What each of the ways out of a conflict sends.
import { expect, test } from "vitest";
import type { Command, WireError } from "../wire/generated";
import { decided, isSettable } from "./merge";

const ERROR: WireError = {
  code: "conflict",
  message: "somebody changed it",
  base: "b2",
  fields: {
    title: { base: "old", theirs: "hers", mine: "mine" },
    status: { base: "open", theirs: "blocked", mine: "closed" },
  },
};
const MINE: Command = {
  type: "set_fields",
  id: "k",
  set: { title: "mine", status: "closed", priority: 1 },
  was: { title: "old", status: "open", priority: 2 },
  base: "b1",
};

test("overwriting_says_that_theirs_was_seen", () => {
  expect(decided(MINE, "k", ERROR, { title: "mine", status: "mine" })).toEqual({
    ...MINE,
    was: { title: "hers", status: "blocked", priority: 2 },
    base: "b2",
  });
});

test("field_by_field_only_what_is_mine_is_sent_and_what_nobody_fought_over_goes_along", () => {
  expect(decided(MINE, "k", ERROR, { title: "theirs", status: "mine" })).toMatchObject({
    set: { status: "closed", priority: 1 },
    was: { status: "blocked" },
  });
});

test("taking_theirs_in_all_fields_sends_nothing", () => {
  const only: Command = { ...MINE, set: { title: "mine" } } as Command;
  expect(decided(only, "k", ERROR, { title: "theirs", status: "theirs" })).toBeNull();
});

test("an_undo_that_was_fought_over_becomes_an_edit_of_the_issue", () => {
  const undo: Command = { type: "undo", token: "t" };
  expect(decided(undo, "k", ERROR, { title: "mine" })).toEqual({
    type: "set_fields",
    id: "k",
    set: { title: "mine" },
    was: { title: "hers" },
    base: "b2",
  });
});

test("a_comment_is_overwritten_as_a_comment", () => {
  const edit: Command = { type: "edit_comment", id: "k", comment: "c1", text: "mine", was: "old" };
  const error: WireError = {
    ...ERROR,
    fields: { "comments.c1": { base: "old", theirs: "hers", mine: "mine" } },
  };
  expect(decided(edit, "k", error, { "comments.c1": "mine" })).toEqual({ ...edit, was: "hers" });
  expect(decided(edit, "k", error, { "comments.c1": "theirs" })).toBeNull();
});

test("what_is_added_to_and_taken_from_is_never_set_as_a_whole", () => {
  const settable = ["title", "custom.size", "labels", "dependencies", "comments.c1"].map((field) =>
    isSettable(MINE, field),
  );
  expect(settable).toEqual([true, true, false, false, false]);
});
