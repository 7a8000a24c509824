import { expect, test } from "vitest";
import type { EventEntry } from "../../wire/generated";
import { line, valueWords } from "./sentences";

const names = {
  status: (key: string) => ({ open: "Ready", in_progress: "In progress" })[key] ?? key,
  priority: (value: number) => ["critical", "high"][value] ?? String(value),
  issue: (id: string) => id.slice(0, 7),
};

function said(event_type: string, payload: unknown) {
  const entry: EventEntry = {
    event_id: "e",
    event_type,
    payload,
    occurred_at: null,
    actor_id: null,
    agent: null,
  };
  return line(entry, names);
}

test.each([
  ["issue_created", { title: "One" }, "created the issue “One”"],
  ["state_transition", { from_status: "open", to_status: "in_progress" }, "moved from Ready to In progress"],
  ["comment_added", { comment_id: "c", comment_author: "ada" }, "commented"],
  ["comment_updated", { comment_author: "ada" }, "edited a comment by ada"],
  ["comment_deleted", {}, "deleted a comment"],
  [
    "dependency_added",
    { dependency_type: "blocked-by", target_id: "kbs-123456" },
    "added “blocked by” to kbs-123",
  ],
  ["issue_localized", {}, "made the issue local to this machine"],
  ["coordination.claim", { owner: "codex-3" }, "took the lease for codex-3"],
  ["router.attempt", { state: "in_progress" }, "attempt: in progress"],
])("%s is a sentence", (type, payload, sentence) => {
  expect(said(type, payload)).toEqual({ text: sentence, changes: [], raw: null });
});

test("changed_fields_are_listed_with_both_values", () => {
  const told = said("field_updated", {
    changes: { priority: { from: 0, to: 1 }, assignee: { from: null, to: "ada" } },
  });
  expect(told.text).toBe("changed priority and assignee");
  expect(told.changes).toEqual([
    { field: "priority", from: "critical", to: "high" },
    { field: "assignee", from: "none", to: "ada" },
  ]);
});

test.each([
  ["weather.changed", { sky: "clear" }],
  ["state_transition", "not an object"],
  ["field_updated", { changes: [] }],
  ["dependency_added", null],
])("what is not understood is shown as it is: %s", (type, payload) => {
  const told = said(type, payload);
  expect(told.text).toBe(type);
  expect(JSON.parse(told.raw ?? "")).toEqual(payload);
});

test.each(["constructor", "__proto__", "toString"])(
  "the_word_%s_is_a_strange_type_like_any_other",
  (type) => {
    expect(said(type, { a: 1 })).toEqual({ text: type, changes: [], raw: '{\n "a": 1\n}' });
  },
);

test("a_value_is_told_in_words_whatever_it_is_and_never_without_end", () => {
  const words = (field: string, value: unknown) => valueWords(field, value, names);
  expect([words("status", "open"), words("priority", 1), words("assignee", null)]).toEqual([
    "Ready",
    "high",
    "none",
  ]);
  expect(words("dependencies", [{ type: "blocked-by", target: "kbs-123456" }, { odd: 1 }])).toBe(
    'blocked by kbs-123, {"odd":1}',
  );
  expect(words("agent", { platform: "Codex", model: "gpt", name: "codex-3" })).toBe("codex-3, Codex, gpt");
  expect([words("agent", { platform: "Codex" }), words("agent", { seat: 4 })]).toEqual([
    "Codex",
    '{"seat":4}',
  ]);
  expect(words("custom", { a: 1 })).toBe('{"a":1}');
  expect(words("custom", "x".repeat(100_000)).length).toBeLessThan(1000);
});
