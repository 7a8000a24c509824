// The settings as a person changes them, on the sample core.
import { flushSync, unmount } from "svelte";
import { afterEach, beforeEach, expect, test, vi } from "vitest";
import { fakePair, type FakeCore } from "../platform/fake/fake";
import type { Platform } from "../platform/types";
import { Drafts } from "../state/drafts.svelte";
import { furnish, NOW, played, press, settled } from "./window-played";

let app: Record<string, unknown>;
let core: FakeCore;
let platform: Platform;

furnish();

const all = (selector: string) => [...document.querySelectorAll<HTMLElement>(selector)];
const one = (selector: string) => document.querySelector<HTMLElement>(selector);
const click = async (selector: string) => {
  one(selector)?.click();
  await settled();
};
const patches = () =>
  core.attention.asked.flatMap((command) => (command.type === "change_settings" ? [command.set] : []));

async function type(selector: string, text: string): Promise<void> {
  const input = one(selector) as HTMLInputElement;
  input.value = text;
  input.dispatchEvent(new Event("input", { bubbles: true }));
  await new Promise((done) => setTimeout(done, 400));
  await settled();
}

beforeEach(async () => {
  const pair = fakePair(20, () => NOW);
  core = pair.core;
  platform = pair.platform;
  app = await played(platform, new Drafts(null));
  await press(",", { ctrlKey: true });
});
afterEach(() => unmount(app));

test("a_change_is_sent_as_the_smallest_patch_saved_at_once_and_said", async () => {
  expect(document.activeElement?.id).toBe("settings-title");
  await click("[data-testid=enabled]");
  expect(patches()).toEqual([{ notifications: { enabled: false } }]);
  expect(one("[data-testid=enabled]")?.getAttribute("aria-checked")).toBe("false");
  expect(one("[data-testid=saved]")?.textContent).toBe("Saved");
  await click("[data-testid=reset-notifications]");
  expect(patches().at(-1)).toEqual({ notifications: null });
  expect(one("[data-testid=enabled]")?.getAttribute("aria-checked")).toBe("true");
});

test("a_refusal_stands_by_the_setting_which_is_as_before", async () => {
  vi.spyOn(platform, "command").mockRejectedValue({ code: "io", message: "the disk is full" });
  await click("[data-testid=listen]");
  expect(one("[data-place='realtime/listen'] [role=alert]")?.textContent).toContain("The disk is full");
  expect(one("[data-testid=listen]")?.getAttribute("aria-checked")).toBe("true");
});

test("two_changes_of_one_list_in_one_breath_both_count", async () => {
  await click("[data-testid=quiet-add]");
  const days = all("[data-testid=span] button[aria-pressed]");
  days[0]?.click();
  flushSync();
  days[6]?.click();
  await settled();
  expect(core.attention.settings.notifications.quiet.spans).toEqual([
    { days: ["tue", "wed", "thu", "fri", "sat"], from: "22:00", to: "08:00" },
  ]);
});

test("the_theme_that_is_kept_is_the_one_that_is_shown_wherever_it_was_chosen", async () => {
  await click("[data-testid=theme] input[value=dark]");
  expect(one("[aria-label^='Theme: dark']")).not.toBeNull();
  await click("[aria-label^='Theme: dark']");
  expect(patches().at(-1)).toEqual({ appearance: { theme: "system" } });
  core.attention.settings.appearance.theme = "light";
  core.say(core.attention.units);
  await settled();
  expect(one("[data-testid=theme]")?.dataset.value).toBe("light");
  expect(one("[aria-label^='Theme: light']")).not.toBeNull();
});

test("a_mistake_in_the_rules_is_said_with_its_line_and_what_is_right_is_tried_before_it_is_saved", async () => {
  await type("[data-testid=rules]", "status:review -> mute\nlabel:x");
  expect(one("[data-testid=rules-error]")?.textContent).toContain("Line 2, column 8");
  await click("[data-testid=rules-error] button");
  expect((one("[data-testid=rules]") as HTMLTextAreaElement).selectionStart).toBe(29);
  await click("[data-testid=rules-save]");
  expect(patches()).toEqual([]);
  await type("[data-testid=rules]", "status:review -> mute");
  expect(one("[data-testid=trial]")?.textContent).toMatch(
    /would have come with a banner \(\d+ without your rules\)/,
  );
  expect(one("[data-testid=tried]")?.textContent).toContain("line 1");
  await press("g");
  await press("b");
  await press(",", { ctrlKey: true });
  expect((one("[data-testid=rules]") as HTMLTextAreaElement).value, "nothing typed is lost").toContain(
    "mute",
  );
  await click("[data-testid=rules-save]");
  expect(patches()).toEqual([{ notifications: { rules: "status:review -> mute" } }]);
  expect(one("[data-testid=rules-save]")).toBeNull();
});

test("names_and_mutes_are_added_and_removed", async () => {
  await type("[data-testid=name-new]", "ada@work");
  one("[data-testid=name-new]")
    ?.closest("form")
    ?.dispatchEvent(new SubmitEvent("submit", { bubbles: true, cancelable: true }));
  await settled();
  expect(core.attention.settings.identity.names).toEqual(["ada@work"]);
  await type("[data-testid=mute-value]", "codex-3");
  one("[data-testid=mute-value]")
    ?.closest("form")
    ?.dispatchEvent(new SubmitEvent("submit", { bubbles: true, cancelable: true }));
  await settled();
  expect(core.attention.settings.notifications.mutes).toEqual([{ of: { agent: "codex-3" } }]);
  await click("[data-testid=mute] button");
  expect(core.attention.settings.notifications.mutes).toEqual([]);
});

const CREATE = "[data-action=create]";

test("an_action_gets_other_keys_which_act_and_are_in_the_help", async () => {
  await click(`${CREATE} .change`);
  one(`${CREATE} .change`)?.focus();
  await press("n");
  expect(patches()).toEqual([{ shortcuts: { create: ["n"] } }]);
  expect(one(`${CREATE} kbd`)?.textContent).toBe("N");
  await press("?");
  const help = all("dialog dl div").find((row) => row.textContent?.includes("New issue"));
  expect(help?.textContent).toContain("N");
  one("dialog [aria-label=Close]")?.click();
  await settled();
  await press("g");
  await press("b");
  await press("n");
  expect(one("dialog")?.textContent).toContain("New issue");
});

test("keys_that_act_already_are_said_and_taken_over_only_on_request", async () => {
  await click(`${CREATE} .change`);
  one(`${CREATE} .change`)?.focus();
  await press("s");
  expect(one("[data-testid=clash]")?.textContent).toContain("S is “Status”");
  expect(patches()).toEqual([]);
  await click("[data-testid=take-over]");
  expect(patches()).toEqual([{ shortcuts: { status: [], create: ["s"] } }]);
  expect(one("[data-action=status]")?.textContent).toContain("no key");
  await click(`${CREATE} .reset`);
  expect(patches().at(-1)).toEqual({ shortcuts: { create: null } });
  expect(one(`${CREATE} kbd`)?.textContent).toBe("C");
  expect(one("[data-action=close] .change"), "Esc always closes").toBeNull();
});

test("a_file_that_cannot_be_read_is_said_and_put_away_on_request", async () => {
  core.attention.trouble = "settings.json is no settings of Hearsay's";
  core.say(core.attention.units);
  await settled();
  expect(one("[data-testid=settings-trouble]")?.textContent).toContain("no settings");
  await click("[data-testid=restore]");
  expect(core.attention.asked).toEqual([{ type: "restore_settings" }]);
  expect(one("[data-testid=settings-trouble]")).toBeNull();
});

test("a_browser_says_what_belongs_to_the_desktop", () => {
  expect(one("[data-testid=no-desktop]")).not.toBeNull();
  expect(all("[data-testid=test-notification], [data-testid=start-at-login]")).toEqual([]);
});
