// What only the desktop has: what is in sight, a crash of the last run, the view that was asked for, and its settings.
import { unmount } from "svelte";
import { afterEach, beforeEach, expect, test, vi } from "vitest";
import { SampleDesktop } from "../platform/fake/desktop";
import { fakePair, type FakeCore } from "../platform/fake/fake";
import { Drafts } from "../state/drafts.svelte";
import { furnish, NOW, played, press, settled } from "./window-played";

let app: Record<string, unknown>;
let core: FakeCore;
let desktop: SampleDesktop;

furnish();

const all = (selector: string) => [...document.querySelectorAll<HTMLElement>(selector)];
const one = (selector: string) => document.querySelector<HTMLElement>(selector);
const click = async (selector: string) => {
  one(selector)?.click();
  await settled();
};
const lull = async () => {
  await new Promise((done) => setTimeout(done, 260));
  await settled();
};
let focused = true;

async function begin(switches = ""): Promise<void> {
  desktop = new SampleDesktop(new URLSearchParams(switches), NOW);
  const pair = fakePair(12, () => NOW, desktop);
  core = pair.core;
  app = await played(pair.platform, new Drafts(null));
}

beforeEach(() => {
  focused = true;
  vi.spyOn(document, "hasFocus").mockImplementation(() => focused);
});
afterEach(() => {
  void unmount(app);
  vi.restoreAllMocks();
});

test("what_is_in_sight_is_told_once_and_nothing_of_it_when_the_window_is_left", async () => {
  await begin();
  await lull();
  const cards = all("[data-testid=card]").map(({ dataset }) => dataset.id ?? "");
  expect(cards.length).toBeGreaterThan(3);
  expect(desktop.looked).toEqual([cards]);
  document.dispatchEvent(new Event("scroll"));
  core.say(core.attention.units);
  await lull();
  expect(desktop.looked, "the same is not told twice").toHaveLength(1);
  focused = false;
  window.dispatchEvent(new Event("blur"));
  await lull();
  expect(desktop.looked.at(-1)).toEqual([]);
  focused = true;
  window.dispatchEvent(new Event("focus"));
  await lull();
  expect(desktop.looked.at(-1)).toEqual(cards);
  await press("g");
  await press("i");
  await lull();
  expect(desktop.looked.at(-1), "the board is not shown").toEqual([]);
  await click("[data-testid=inbox-item]");
  await lull();
  expect(desktop.looked.at(-1)).toEqual([one("[data-testid=inspector]")?.dataset.key?.slice(5)]);
});

test("a_crash_of_the_last_run_is_told_shown_and_put_away", async () => {
  await begin("crash");
  expect(one("[data-testid=crash]")?.textContent).toContain("Hearsay ended unexpectedly at");
  await click("[data-testid=crash-show]");
  expect(one("[data-testid=crash-sheet]")?.textContent).toContain("panicked at src/link.rs:12");
  all("[data-testid=crash-sheet] button")
    .find((button) => button.textContent === "Close")
    ?.click();
  await settled();
  await click("[data-testid=crash-dismiss]");
  expect([one("[data-testid=crash]"), desktop.report]).toEqual([null, null]);
});

test("the_inbox_is_shown_when_somebody_asks_for_it", async () => {
  await begin();
  expect(one("[data-testid=inbox]")).toBeNull();
  desktop.wantInbox();
  await settled();
  expect(one("[data-testid=inbox]")).not.toBeNull();
});

test("the_settings_have_what_this_computer_offers", async () => {
  await begin();
  await press(",", { ctrlKey: true });
  expect(all("[data-testid=part-state]").map(({ dataset }) => dataset.state)).toEqual([
    "ready",
    "missing",
    "unknown",
  ]);
  await click("[data-testid=test-notification]");
  expect(one("[data-testid=test-result]")?.textContent).toContain("your click arrived");
  await click("[data-testid=start-at-login]");
  expect(one("[data-testid=start-at-login]")?.getAttribute("aria-checked")).toBe("true");
  await click("[data-testid=close-to-tray]");
  expect(core.attention.settings.tray.close_to_tray).toBe(true);
  await click("[data-testid=document-repository]");
  expect(one("[data-place='computer/document']")?.textContent).toContain("hearsay.kanbus");
  await click("[data-testid=diagnostics]");
  expect(one("[data-testid=diagnostics-sheet]")?.textContent).toContain("link: listening");
});
