// The inbox as a person goes through it, on the sample core.
import { unmount } from "svelte";
import { afterEach, beforeEach, expect, test, vi } from "vitest";
import { sampleItems, sampleLine } from "../platform/fake/attention";
import { fakePair, type FakeCore } from "../platform/fake/fake";
import type { Platform } from "../platform/types";
import { Drafts } from "../state/drafts.svelte";
import type { Notice } from "../wire/generated";
import { furnish, NOW, played, press, settled } from "./window-played";

let app: Record<string, unknown>;
let core: FakeCore;
let platform: Platform;

furnish();

const all = (selector: string) => [...document.querySelectorAll<HTMLElement>(selector)];
const one = (selector: string) => document.querySelector<HTMLElement>(selector);
const ITEM = "[data-testid=inbox-item]";
const here = () => document.activeElement?.getAttribute("data-key") ?? null;
/** The group of the item with that key. */
const groupOf = (key: string | null | undefined) =>
  all(ITEM)
    .find((item) => item.dataset.key === key)
    ?.closest<HTMLElement>("[data-group]")?.dataset.group;
const ids = () => all(ITEM).map((item) => item.dataset.key);
const sent = () => core.attention.asked;
/** A refetch waits for a lull. */
const refetched = async () => {
  await new Promise((done) => setTimeout(done, 160));
  await settled();
};

async function toInbox(): Promise<void> {
  await press("g");
  await press("i");
}

beforeEach(async () => {
  const pair = fakePair(60, () => NOW);
  core = pair.core;
  platform = pair.platform;
  app = await played(platform, new Drafts(null));
});
afterEach(() => unmount(app));

test("two_keys_lead_to_the_inbox_and_back_and_the_rail_says_where_one_is_and_how_much_is_unread", async () => {
  expect(one("[data-testid=unread]")?.textContent).toContain("7!");
  expect(one("[data-testid=go-inbox]")?.getAttribute("aria-label")).toBe("Inbox, 7 unread, 2 need you");
  await toInbox();
  expect(one("[data-testid=go-inbox]")?.getAttribute("aria-current")).toBe("page");
  expect(all("[data-testid=inbox-group]").map(({ dataset }) => dataset.group)).toEqual([
    "interrupt",
    "unread",
    "later",
    "read",
  ]);
  expect(here(), "the first item has the focus").toBe(ids()[0]);
  await press("g");
  await press("b");
  expect(one("[data-testid=inbox]")).toBeNull();
  expect(document.activeElement?.getAttribute("data-testid")).toBe("card");
});

test("letters_of_the_board_do_nothing_in_the_inbox", async () => {
  await toInbox();
  await press("c");
  await press("x");
  await press("m");
  expect(all("dialog")).toEqual([]);
  expect(sent()).toEqual([]);
});

test("an_item_is_opened_by_keys_read_and_stays_where_it_is_until_the_person_goes_on", async () => {
  await toInbox();
  await press("j");
  const key = here();
  (document.activeElement as HTMLElement).click();
  await settled();
  expect(one("[data-testid=inspector]")).not.toBeNull();
  expect(sent()[0]).toMatchObject({ type: "inbox", to: { is: "read" } });
  await refetched();
  expect([groupOf(key), one(`${ITEM}[aria-current=true]`)?.dataset.state]).toEqual(["interrupt", "read"]);
  await press("Escape");
  expect(here()).toBe(key);
  await press("j");
  expect([groupOf(key), groupOf(here())]).toEqual(["read", "unread"]);
});

test("done_goes_on_to_the_next_and_each_press_is_about_another_item", async () => {
  await toInbox();
  const [first, second, third] = ids();
  await press("1");
  await press("1");
  expect(sent().map((command) => command.type === "inbox" && JSON.stringify(command.to))).toEqual([
    '{"is":"done"}',
    '{"is":"done"}',
  ]);
  await refetched();
  expect(here()).toBe(third);
  expect(ids()).not.toContain(first);
  expect(ids()).not.toContain(second);
  one("[data-testid=show-done]")?.click();
  await settled();
  expect(all("[data-group=done] [data-testid=inbox-item]")).toHaveLength(3);
});

test("watch_mute_unread_and_snooze_are_a_key_each", async () => {
  await toInbox();
  await press("2");
  await press("3");
  await refetched();
  expect(document.activeElement?.textContent).toContain("Watched");
  expect(document.activeElement?.textContent).toContain("Muted");
  await press("u");
  await press("z");
  expect(document.activeElement?.getAttribute("role")).toBe("menuitem");
  const [first, second] = ids();
  one("[data-testid=snooze-tomorrow]")?.click();
  await settled();
  expect([first, here()], "the next one has the focus").toEqual([ids()[0], second]);
  const types = sent().map((command) => (command.type === "inbox" ? command.to.is : command.type));
  expect(types).toEqual(["watch", "mute", "unread", "snoozed"]);
  await press("z");
  await press("Escape");
  expect(one("[data-testid=snooze-menu]")).toBeNull();
  expect(here(), "the menu gives the focus back").not.toBeNull();
});

test("the_focus_stays_with_its_item_when_the_list_changes", async () => {
  await toInbox();
  await press("End");
  await press("k");
  const key = here();
  const [newest] = core.attention.items.slice(-1);
  if (newest === undefined) return expect.unreachable();
  core.attention.items = core.attention.items.map((item) =>
    item === newest ? { ...item, state: { is: "unread" }, unread: 1, class: "interrupt" } : item,
  );
  core.say(core.attention.units);
  await refetched();
  expect(all("[data-group=interrupt] [data-testid=inbox-item]")).toHaveLength(3);
  expect(here()).toBe(key);
});

test("the_list_is_asked_for_only_while_it_is_shown_and_once_for_a_burst", async () => {
  const asked = vi.spyOn(platform, "inbox");
  core.say(core.attention.units);
  await refetched();
  expect(asked).not.toHaveBeenCalled();
  await toInbox();
  expect(asked).toHaveBeenCalledTimes(1);
  for (let times = 0; times < 5; times++) core.say(core.attention.units);
  await refetched();
  expect(asked.mock.calls.length).toBeLessThanOrEqual(2);
});

test("an_issue_that_is_opened_on_the_board_is_read", async () => {
  const id = one("[data-testid=card]")?.dataset.id ?? "";
  const [item] = sampleItems([core.card(id)], NOW);
  if (item === undefined) return expect.unreachable();
  core.attention.items = [...core.attention.items, item];
  core.say(core.attention.units);
  const { about } = item;
  one(`[data-testid=card][data-id="${id}"]`)?.click();
  await settled();
  expect(sent()).toEqual([{ type: "inbox", about, to: { is: "read" } }]);
  one("[data-testid=watch-issue]")?.click();
  await settled();
  expect(one("[data-testid=watch-issue]")?.getAttribute("aria-pressed")).toBe("true");
  expect(document.title).toMatch(/^\(7\) \S+ .* — hearsay$/);
  await press("W");
  expect(one("[data-testid=mute-issue]")?.getAttribute("aria-pressed")).toBe("true");
});

test("all_at_once_are_done_and_an_empty_inbox_says_so", async () => {
  await toInbox();
  one("[data-testid=all-done]")?.click();
  await refetched();
  expect(one("[data-testid=inbox-empty]")?.textContent).toContain("You are done");
  expect(sent()).toEqual([{ type: "inbox", to: { is: "done" } }]);
});

test("notifications_are_paused_and_resumed_by_a_key_and_that_is_said", async () => {
  await press("N", { ctrlKey: true, shiftKey: true });
  expect(one("[data-testid=notice]")?.textContent).toContain("paused for an hour");
  const until = Date.parse(core.attention.settings.notifications.paused_until ?? "");
  expect(Math.round((until - NOW) / 60_000)).toBe(60);
  await toInbox();
  expect(one("[data-testid=paused]")).not.toBeNull();
  await press("N", { ctrlKey: true, shiftKey: true });
  expect(core.attention.settings.notifications.paused_until).toBeNull();
});

test("what_needs_the_person_is_said_and_shown_unless_the_issue_is_in_sight", async () => {
  const cards = core.attention.items.flatMap(({ about }) => (about === "many" ? [] : [about.issue.id]));
  const line = sampleLine(core.card(cards[0] ?? ""), 0, new Date(NOW).toISOString());
  const notice: Notice = { class: "interrupt", hushed: null, line };
  core.send({ type: "notice", ...notice, hushed: "muted" });
  core.send({ type: "notice", ...notice, class: "notice" });
  await settled();
  expect([one("[data-testid=toast]"), one("[data-testid=news-said]")?.textContent]).toEqual([null, ""]);
  await toInbox();
  core.send({ type: "notice", ...notice });
  await settled();
  expect(one("[data-testid=news-said]")?.textContent).toContain(line.said);
  one("[data-testid=toast-open]")?.click();
  await settled();
  expect(one("[data-testid=inspector]")?.dataset.key).toBe(`card:${line.card}`);
  expect(one("[data-testid=toast]")).toBeNull();
});

test("a_message_of_a_newer_core_is_passed_over", async () => {
  const tag = one("[data-testid=board]")?.dataset.tag;
  core.send({ type: "weather", rain: true } as never);
  core.send({ type: "change", change: {} } as never);
  await settled();
  expect(one("[data-testid=board]")?.dataset.tag).toBe(tag);
});
