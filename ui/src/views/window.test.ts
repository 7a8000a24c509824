// The window as a person and an assistive technology meet it, on the sample core.
import { flushSync, mount, unmount } from "svelte";
import { afterEach, beforeEach, expect, test, vi } from "vitest";
import { fakePair, type FakeCore } from "../platform/fake/fake";
import type { Platform } from "../platform/types";
import { Preferences } from "../state/preferences.svelte";
import { Session } from "../state/session.svelte";
import Window from "./Window.svelte";

let app: Record<string, unknown>;
let core: FakeCore;
let platform: Platform;

vi.stubGlobal(
  "ResizeObserver",
  class {
    observe(): void {}
    disconnect(): void {}
  },
);

const all = (selector: string) => [...document.querySelectorAll<HTMLElement>(selector)];
const one = (selector: string) => document.querySelector<HTMLElement>(selector);
const card = (id: string) => one(`[data-testid=card][data-id="${id}"]`);

async function settled(): Promise<void> {
  for (let round = 0; round < 4; round++) {
    flushSync();
    await Promise.resolve();
    await new Promise((done) => setTimeout(done));
  }
}

async function press(key: string): Promise<void> {
  const target = document.activeElement ?? document.body;
  target.dispatchEvent(new KeyboardEvent("keydown", { key, bubbles: true, cancelable: true }));
  await settled();
}

beforeEach(async () => {
  document.body.innerHTML = "";
  const pair = fakePair(60, () => Date.parse("2026-01-02T03:04:05Z"));
  core = pair.core;
  platform = pair.platform;
  const props = { session: new Session(platform), preferences: new Preferences(null) };
  app = mount(Window, { target: document.body, props });
  await settled();
});
afterEach(() => unmount(app));

test("the_board_carries_its_tag_and_the_problems_are_named", async () => {
  expect(one("[data-testid=board]")?.dataset.tag).toBe(core.tag);
  core.advance();
  await settled();
  expect(one("[data-testid=board]")?.dataset.tag).toBe(core.tag);
  expect(all("[data-testid=problem]")[0]?.textContent).toContain(":14:1");
});

test("focus_stays_with_a_card_that_moves_to_another_column", async () => {
  await press("j");
  await press("j");
  const id = document.activeElement?.getAttribute("data-id") ?? "";
  const before = core.card(id);
  core.patch({ [`card:${id}`]: { ...before, status: "blocked" } });
  await settled();
  expect(document.activeElement).toBe(card(id));
  expect(card(id)?.closest<HTMLElement>("[data-testid=column]")?.dataset.key).toBe("blocked");
});

test("focus_goes_to_the_neighbour_when_its_card_is_deleted", async () => {
  await press("j");
  const list = all("[data-testid=column][data-key=open] [data-testid=card]");
  const id = document.activeElement?.getAttribute("data-id") ?? "";
  core.patch({}, [`card:${id}`]);
  await settled();
  expect(document.activeElement?.getAttribute("data-id")).toBe(list[1]?.dataset.id);
});

test("enter_opens_esc_closes_and_the_focus_returns", async () => {
  await press("j");
  const id = document.activeElement?.getAttribute("data-id") ?? "";
  (document.activeElement as HTMLElement).click();
  await settled();
  expect(all("[data-testid=history-entry]").length).toBeGreaterThan(5);
  expect(document.activeElement?.id).toBe("issue-title");
  await press("Escape");
  expect(one("[data-testid=inspector]")).toBeNull();
  expect(document.activeElement).toBe(card(id));
});

test("an_open_issue_is_read_again_when_its_card_changes_and_stays_when_it_goes", async () => {
  const id = all("[data-testid=card]")[0]?.dataset.id ?? "";
  card(id)?.click();
  await settled();
  core.patch({ [`card:${id}`]: { ...core.card(id), title: "Another title" } });
  await settled();
  expect(one("#issue-title")?.textContent).toBe("Another title");
  core.patch({}, [`card:${id}`]);
  await settled();
  expect(one("[data-testid=inspector]")?.textContent).toContain("no longer on the board");
});

test("an_edit_of_the_text_alone_is_read_at_once_and_moves_nothing", async () => {
  const id = all("[data-testid=card]")[0]?.dataset.id ?? "";
  card(id)?.click();
  await settled();
  const panel = one("#issue-panel") as HTMLElement;
  const title = one("#issue-title");
  panel.scrollTop = 240;
  const detail = await platform.issue(id);
  const html = { ...detail.html, description: "<p>Said anew</p>" };
  vi.spyOn(platform, "issue").mockResolvedValue({ ...detail, html });
  core.patch({ [`card:${id}`]: { ...core.card(id), content: "0123456789ab" } });
  flushSync();
  expect(panel.textContent, "what was shown stays until the answer is there").toContain("What has to hold");
  await settled();
  expect(panel.textContent).toContain("Said anew");
  expect([panel.scrollTop, one("#issue-title")]).toEqual([240, title]);
});

test("earlier_history_is_added_below", async () => {
  all("[data-testid=card]")[0]?.click();
  await settled();
  const before = all("[data-testid=history-entry]").length;
  all("button")
    .find((button) => button.textContent === "Show earlier")
    ?.click();
  await settled();
  expect(all("[data-testid=history-entry]").length).toBeGreaterThan(before);
});

test("the_filter_says_how_many_it_hides_and_lets_go", async () => {
  const input = one("#filter") as HTMLInputElement;
  input.focus();
  input.value = "no such card";
  input.dispatchEvent(new Event("input", { bubbles: true }));
  await settled();
  expect(document.body.textContent).toContain("60 of 60 hidden");
  await press("Escape");
  expect(document.body.textContent).not.toContain("hidden");
});

test("a_patch_that_does_not_fit_is_mended_by_a_full_board_and_closes_nothing", async () => {
  all("[data-testid=card]")[0]?.click();
  core.send({ type: "board_delta", from: "elsewhere", to: "x", set: {}, del: [] });
  await settled();
  expect(one("[data-testid=board]")?.dataset.tag).toBe(core.tag);
  expect(one("[data-testid=inspector]")).not.toBeNull();
});
