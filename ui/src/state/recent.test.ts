// What is said of a change, and which cards flash for it.
import { afterEach, expect, test } from "vitest";
import { sampleCards } from "../platform/fake/sample";
import type { Card } from "../wire/generated";
import { Recent } from "./recent.svelte";

const recent = new Recent();
afterEach(() => recent.clear());

function said(more: Partial<Card>): string {
  const [before] = sampleCards(1, 0) as [Card];
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
