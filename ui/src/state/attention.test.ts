// What rules, times and keys come to, without a window.
import { expect, test } from "vitest";
import { bound, inTheWay, keyName, Keys, type Action } from "../shared/action";
import { fault } from "../wire/fault";
import { isWrite } from "../wire/commands";
import { isMinute, NIGHT, withDay } from "./hushing";
import { offsetOf, placeOfError, ruleLines } from "./rules";
import { clockTime, laters } from "./snooze";

test("a_mistake_is_found_in_the_text_although_columns_count_characters", () => {
  const place = placeOfError(fault("invalid", "Line 2, column 4: expected `->`, and the line ends."));
  expect(place).toEqual({ line: 2, column: 4 });
  expect(offsetOf("ab\n👍👍xy", place ?? { line: 1, column: 1 })).toBe(8);
  expect(offsetOf("ab", { line: 9, column: 9 })).toBe(2);
  expect(placeOfError(fault("io", "no answer"))).toBeNull();
});

test("blank_lines_and_remarks_are_no_rules", () => {
  expect(ruleLines("# mine\n\nx -> mute\n  y -> feed ")).toEqual([
    { line: 3, text: "x -> mute" },
    { line: 4, text: "y -> feed" },
  ]);
});

test("an_evening_that_has_begun_is_not_offered_and_next_week_is_a_monday", () => {
  const at = (hour: number) => new Date(2026, 5, 3, hour).getTime();
  expect(laters(at(9)).map(({ id }) => id)).toEqual(["hour", "evening", "tomorrow", "week"]);
  expect(laters(at(19)).map(({ id }) => id)).toEqual(["hour", "tomorrow", "week"]);
  const week = laters(at(9)).at(-1)?.at;
  expect([week?.getDay(), week?.getHours(), week?.getDate()]).toEqual([1, 9, 8]);
  expect(clockTime("no time", 0)).toBe("an unknown time");
});

test("quiet_days_keep_their_order_and_a_time_is_one_of_the_day", () => {
  const without = withDay(NIGHT, "wed", false);
  expect(without.days).toEqual(["mon", "tue", "thu", "fri", "sat", "sun"]);
  expect(withDay(without, "wed", true)).toEqual(NIGHT);
  expect(["00:00", "23:59", "24:00", "7:00", "07:60"].map(isMinute)).toEqual([
    true,
    true,
    false,
    false,
    false,
  ]);
});

test("what_is_only_the_persons_own_is_no_write", () => {
  expect(isWrite({ type: "inbox", to: { is: "done" } })).toBe(false);
  expect(isWrite({ type: "bulk", commands: [] })).toBe(false);
  expect(isWrite({ type: "claim", id: "x" })).toBe(true);
});

const action = (id: string, keys: string[], more: Partial<Action> = {}): Action => ({
  id,
  title: id,
  group: "",
  keys,
  scope: "board",
  run: () => undefined,
  ...more,
});
const down = (key: string, more: KeyboardEventInit = {}) => {
  const event = new KeyboardEvent("keydown", { key, ...more });
  document.body.dispatchEvent(event);
  return event;
};

test("two_keys_mean_one_thing_only_in_one_breath", () => {
  let now = 0;
  const keys = new Keys(() => now);
  const inbox = action("inbox", ["g i"]);
  const other = action("other", ["i"]);
  const read = (key: string) => keys.read([inbox, other], down(key));
  expect([read("g"), read("i")]).toEqual(["waiting", inbox]);
  expect([read("g"), read("Shift"), read("i")], "a modifier is no key of its own").toEqual([
    "waiting",
    null,
    inbox,
  ]);
  expect([read("g"), read("x"), read("i")]).toEqual(["waiting", null, other]);
  expect(read("g")).toBe("waiting");
  now = 5000;
  expect(read("i")).toBe(other);
});

test("ctrl_and_shift_together_are_other_keys_than_ctrl_alone", () => {
  const undo = action("undo", ["Mod+z"]);
  const pause = action("pause", ["Mod+Shift+n"]);
  const keys = new Keys();
  expect(keys.read([undo, pause], down("N", { ctrlKey: true, shiftKey: true }))).toBe(pause);
  expect(keys.read([undo, pause], down("n", { ctrlKey: true }))).toBeNull();
  expect(keys.read([undo, pause], down("Z", { metaKey: true, shiftKey: true }))).toBeNull();
  expect([keyName("g i"), keyName("Mod+Shift+n"), keyName("W")]).toEqual(["G then I", "Ctrl ⇧ N", "⇧ W"]);
});

test("keys_that_the_person_chose_stand_in_for_the_usual_ones", () => {
  const all = [action("a", ["a"]), action("close", ["Escape"], { fixed: true })];
  const chosen = { a: ["b"], close: ["q"], constructor: ["z"] };
  expect(bound(all, chosen).map(({ keys }) => keys)).toEqual([["b"], ["Escape"]]);
});

test("keys_clash_where_both_could_act", () => {
  const board = action("board", ["j"]);
  const inbox = action("inbox", ["u"], { scope: "inbox" });
  const go = action("go", ["g i"], { scope: "window" });
  const all = [board, inbox, go];
  expect(inTheWay(all, inbox, "j")).toBeNull();
  expect(inTheWay(all, board, "g")).toBe(go);
  expect(inTheWay(all, go, "u")).toBe(inbox);
  expect(inTheWay(all, go, "g i")).toBeNull();
});
