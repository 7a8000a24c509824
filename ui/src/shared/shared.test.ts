import { expect, test } from "vitest";
import { actionFor, type Action } from "./action";
import { colorToken } from "./colors";
import { sentenceParts } from "./sentence";
import { ago, agoToTheSecond, remaining, span, stopwatch } from "./time";
import { inSight, reveal } from "./virtual";

test("ages_use_the_fewest_words", () => {
  const now = Date.parse("2026-06-01T12:00:00Z");
  const before = (ms: number) => ago(new Date(now - ms).toISOString(), now);
  const minute = 60_000;
  expect([
    before(-5000),
    before(59_000),
    before(4 * minute),
    before(180 * minute),
    before(1440 * minute),
  ]).toEqual(["just now", "just now", "4 min ago", "3 h ago", "1 day ago"]);
  expect(before(40 * 1440 * minute)).toBe("5 weeks ago");
  expect(ago("no time", now)).toBe("at an unknown time");
  expect([stopwatch(42_000), stopwatch(3_800_000)]).toEqual(["0:42", "1:03:20"]);
});

test("an_age_in_seconds_becomes_one_in_minutes_and_what_is_to_come_is_told_until_it_has_passed", () => {
  const now = Date.parse("2026-06-01T12:00:00Z");
  const at = (seconds: number) => new Date(now + seconds * 1000).toISOString();
  expect([0.4, 1, 12.9, 59, 60, 7300].map((seconds) => agoToTheSecond(at(-seconds), now))).toEqual([
    "just now",
    "1 s ago",
    "12 s ago",
    "59 s ago",
    "1 min ago",
    "2 h ago",
  ]);
  expect(agoToTheSecond(null, now)).toBe("at an unknown time");
  expect([0.2, 59.5, 60, 7300, 300_000, 0].map((seconds) => remaining(at(seconds), now))).toEqual([
    "1 s",
    "60 s",
    "1 min",
    "2 h",
    "3 days",
    null,
  ]);
});

test("a_span_has_as_many_digits_as_it_takes", () => {
  expect([0, 0.4, 1, 61, 999.7, 1420, 12_400, 90_000, 7_200_000].map(span)).toEqual([
    "under 1 ms",
    "under 1 ms",
    "1 ms",
    "61 ms",
    "1.0 s",
    "1.4 s",
    "12 s",
    "2 min",
    "2 h",
  ]);
});

test("ten_thousand_rows_need_no_more_of_the_document_than_a_hundred", () => {
  const few = inSight(0, 900, 100, 100);
  const many = inSight(500_000, 900, 100, 10_000);
  expect(many.end - many.first).toBeLessThanOrEqual(few.end - few.first + 4);
  expect(inSight(99_999_999, 900, 100, 10)).toEqual({ first: 10, end: 10 });
});

test("revealing_moves_as_little_as_needed", () => {
  expect(reveal(5, 400, 300, 100)).toBe(400);
  expect(reveal(9, 400, 300, 100)).toBe(700);
  expect(reveal(2, 400, 300, 100)).toBe(200);
});

test("a_configuration_cannot_choose_a_colour_outside_the_theme", () => {
  expect(colorToken("bright_red")).toBe("var(--hue-vermilion)");
  for (const strange of ["#ffffff", "url(x)", "", null, undefined])
    expect(colorToken(strange)).toBe("var(--hue-grey)");
});

test("letters_act_on_the_board_only_and_never_while_typing", () => {
  const next: Action = {
    id: "down",
    title: "Next",
    group: "Board",
    keys: ["j"],
    scope: "board",
    run: () => undefined,
  };
  const press = (html: string, selector: string) => {
    document.body.innerHTML = html;
    const event = new KeyboardEvent("keydown", { key: "j", bubbles: true });
    document.querySelector(selector)?.dispatchEvent(event);
    return actionFor([next], event);
  };
  expect(press("<div data-board><button></button></div>", "button")).toBe(next);
  expect(press("<div data-board><input></div>", "input")).toBeNull();
  expect(press("<aside><button></button></aside>", "button")).toBeNull();
  expect(press("", "body")).toBe(next);
});

test("code_in_a_sentence_is_set_apart_and_only_a_word_gets_a_capital", () => {
  const shown = (text: string) =>
    sentenceParts(text)
      .map((part) => (part.code ? `[${part.text}]` : part.text))
      .join("");
  expect(shown("open a folder, or make one with `kbs init`")).toBe(
    "Open a folder, or make one with [kbs init]",
  );
  expect(shown("`statuses` is not a list")).toBe("[statuses] is not a list");
  for (const kept of ["project/x.json is gone", "labels: a string", "a` b", ".kanbus.yml ends", "écrit", ""])
    expect(shown(kept).toLowerCase()).toBe(kept);
  expect(shown("project/x.json is gone")).toBe("project/x.json is gone");
  expect(shown("<b>`<i>`</b>")).toBe("<b>[<i>]</b>");
});
