// What a card says of hearsay and leases.
import { expect, test } from "vitest";
import { sampleCards } from "../platform/fake/sample";
import type { Card, Heard } from "../wire/generated";
import { heardMarks, heardWords, isExpired, leaseLeft } from "./heard";
import { stageWords } from "./words";

const NOW = Date.parse("2026-01-02T03:04:05Z");
const at = (seconds: number) => new Date(NOW + seconds * 1000).toISOString();

function card(heard: Partial<Heard> | null, more: Partial<Card> = {}): Card {
  const whole =
    heard === null ? null : { at: at(-12), deleted: false, fields: [], from: "codex-3", ...heard };
  const [sample] = sampleCards(1, NOW);
  return { ...(sample as Card), stage: "heard", heard: whole, ...more };
}

test("exactly_the_heard_fields_are_marked_and_what_the_card_does_not_show_is_named_on_its_key_line", () => {
  const marks = heardMarks(
    card(
      {
        fields: ["title", "labels", "status", "description", "right_now_summary", "closed_at", "constructor"],
      },
      { labels: ["a"] },
    ),
    true,
  );
  expect([...(marks?.on ?? [])]).toEqual(["title", "labels"]);
  expect(marks?.elsewhere).toBe("Heard: status, description, right now summary, closed, constructor");
});

test("a_field_that_the_card_could_show_but_has_not_got_is_named_on_the_key_line", () => {
  const bare = { labels: [], assignee: null, comments: 0, blocked_by: [] };
  const fields = ["assignee", "labels", "comments", "dependencies", "priority"];
  const marks = heardMarks(card({ fields }, bare), false);
  expect(marks?.on.size).toBe(0);
  expect(marks?.elsewhere).toBe("Heard: assignee, labels, comments, dependencies, priority");
  const full = { labels: ["a"], assignee: "ada", comments: 1, blocked_by: ["x"] };
  expect(heardMarks(card({ fields }, full), true)?.elsewhere).toBeNull();
});

test("what_has_no_file_and_what_is_heard_deleted_are_marked_as_a_whole", () => {
  const ghost = heardMarks(card({}), true);
  expect([ghost?.kind, ghost?.elsewhere]).toEqual(["only", "Heard, there is no file yet"]);
  const gone = heardMarks(card({ deleted: true }), true);
  expect([gone?.kind, gone?.elsewhere]).toEqual(["deleted", "Heard deleted, the file is still here"]);
  expect(heardMarks(card(null), true)).toBeNull();
});

test("how_far_a_change_has_come_says_which_kind_of_hearsay_it_is", () => {
  expect(
    [card({ fields: ["title"] }), card({}), card({ deleted: true })].map((c) => stageWords(c).text),
  ).toEqual([
    "heard, not in the files yet",
    "only heard, there is no file yet",
    "heard deleted, the file is still here",
  ]);
});

test("what_is_heard_tells_its_age_and_its_source_where_it_has_one", () => {
  const heard = (more: Partial<Heard>) => heardWords(card(more).heard as Heard, NOW);
  expect(heard({})).toBe("heard 12 s ago from codex-3");
  expect(heard({ from: null, at: at(-200) })).toBe("heard 3 min ago");
  expect(heard({ deleted: true, from: null })).toBe("heard deleted 12 s ago");
  expect(heard({ at: at(5) }), "a clock that runs ahead").toBe("heard just now from codex-3");
});

test("a_lease_says_how_long_it_lasts_and_that_it_ran_out", () => {
  const lease = (seconds: number) => ({ owner: "codex-3", expires_at: at(seconds) });
  expect([742, 42.2, 3600, 90_000, 0, -5].map((seconds) => leaseLeft(lease(seconds), NOW))).toEqual([
    "12 min left",
    "43 s left",
    "1 h left",
    "25 h left",
    "expired",
    "expired",
  ]);
  expect([isExpired(lease(1), NOW), isExpired(lease(0), NOW)]).toEqual([false, true]);
  expect(isExpired({ owner: "x", expires_at: "never" }, NOW), "an end that is no time").toBe(true);
});
