import { expect, test } from "vitest";
import type { EventEntry } from "../../wire/generated";
import { line } from "./sentences";

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
