// What is said of a change, and which cards flash for it.
import { afterEach, expect, test } from "vitest";
import { sampleCards } from "../platform/fake/sample";
import type { Card } from "../wire/generated";
import { Recent } from "./recent.svelte";

const recent = new Recent();
afterEach(() => recent.clear());

function said(more: Partial<Card>, first: Partial<Card> = {}): string {
  const [sample] = sampleCards(1, 0) as [Card];
  const before = { ...sample, ...first };
  recent.clear();
  recent.note([{ key: "card:k", before, after: { ...before, ...more } }], (status) => `«${status}»`);
  return recent.said.replace(before.key, "K");
}

test("an_edit_of_what_no_card_shows_flashes_and_names_no_field", () => {
  expect(said({ content: "0123456789ab" })).toBe("K was edited");
  expect([...(recent.cards.get("card:k") ?? [])]).toEqual(["elsewhere"]);
});

test("where_a_shown_field_changed_only_that_is_named_though_the_content_changed_with_it", () => {
  const content = "0123456789ab";
  expect(said({ content, blocked_by: ["x"], title: "Other" })).toBe("K changed: title, blocked by");
  expect(said({ content, status: "closed" })).toBe("K moved to «closed»");
});

test("how_far_a_change_has_come_is_no_news", () => {
  expect(said({ stage: "written", rank: "0" })).toBe("");
  expect(recent.cards.size).toBe(0);
});

const HEARD = { at: "2026-01-02T03:04:05Z", deleted: false, fields: ["status"], from: "codex-3" };

test("what_is_heard_is_said_as_heard", () => {
  expect(said({ stage: "heard", heard: HEARD, status: "closed" })).toBe(
    "K moved to «closed», heard from codex-3",
  );
  const text = { ...HEARD, fields: ["description"], from: null };
  expect(said({ stage: "heard", heard: text })).toBe("K was edited, only heard");
  expect(said({ stage: "heard", heard: { ...text, deleted: true, fields: [] } })).toBe(
    "K is deleted, only heard",
  );
});

test("what_was_heard_and_is_then_in_the_files_is_no_news_a_second_time", () => {
  const heard = { stage: "heard", heard: HEARD, status: "closed" } as const;
  const content = "0123456789ab";
  expect(said({ stage: "written", heard: null, content }, heard)).toBe("");
  expect(recent.cards.size).toBe(0);
  expect(said({ stage: "written", heard: null, content, title: "More" }, heard)).toBe("K changed: title");
});
