// Where the focus is after everything that takes away what had it, and what a card says of a draft, on the sample core.
import { unmount } from "svelte";
import { afterEach, beforeEach, expect, test } from "vitest";
import { fakePair, type FakeCore } from "../platform/fake/fake";
import type { Platform } from "../platform/types";
import { Drafts } from "../state/drafts.svelte";
import type { Card, GitState } from "../wire/generated";
import { furnish, NOW, played, press, settled } from "./window-played";

let app: Record<string, unknown>;
let core: FakeCore;
let platform: Platform;

furnish();

const at = (selector: string) => document.querySelector<HTMLElement>(selector);
const by = (testid: string) => at(`[data-testid="${testid}"]`);
const card = (id: string) => at(`[data-testid=card][data-id="${id}"]`);

/** Goes to a control and presses it, as by Tab and Enter. */
async function push(testid: string): Promise<void> {
  const found = by(testid);
  expect(found, testid).not.toBeNull();
  const control = found?.matches("button, input") ? found : found?.querySelector("button");
  control?.focus();
  control?.click();
  await settled();
}

async function type(text: string): Promise<void> {
  const field = document.activeElement as HTMLInputElement;
  field.value = text;
  field.dispatchEvent(new Event("input", { bubbles: true }));
  await settled();
}

/** The control that has the focus, by the nearest thing that a test can name. */
const focused = () =>
  document.activeElement?.id === "issue-title"
    ? "issue-title"
    : (document.activeElement?.closest<HTMLElement>("[data-testid]")?.dataset.testid ?? "nothing");

beforeEach(async () => {
  localStorage.clear();
  ({ core, platform } = fakePair(60, () => NOW));
  app = await played(platform, new Drafts(localStorage));
});
afterEach(() => unmount(app));

/** Goes to a card of the board that may be started. */
async function reached(): Promise<Card> {
  await press("j");
  for (let step = 0; step < 20; step++) {
    const found = core.card(document.activeElement?.getAttribute("data-id") ?? "");
    if (found.heard === null && found.type !== "epic") return found;
    await press("j");
  }
  throw new Error("no such card");
}

async function opened(): Promise<Card> {
  const found = await reached();
  card(found.id)?.click();
  await settled();
  return found;
}

test("after_a_title_is_saved_left_or_thrown_away_the_focus_is_on_the_title", async () => {
  await opened();
  await push("edit-title");
  await type("A better title");
  await press("Enter");
  expect(focused()).toBe("issue-title");
  await push("edit-title");
  await type("An even better one");
  await press("Escape");
  expect(focused()).toBe("issue-title");
  await push("draft-discard");
  expect(focused()).toBe("issue-title");
  await push("edit-title");
  await push("title-discard");
  expect(focused()).toBe("issue-title");
});

test("whoever_edits_from_the_board_by_a_key_is_back_on_the_card_afterwards", async () => {
  const { id } = await reached();
  await press("e");
  await type("Mine");
  await press("Enter");
  expect([core.card(id).title, document.activeElement]).toEqual(["Mine", card(id)]);
  await press("p");
  await press("ArrowDown");
  await press("Enter");
  expect(document.activeElement).toBe(card(id));
  await press("a");
  expect(by("edit-assignee-list")).not.toBeNull();
  await press("Escape");
  expect(document.activeElement).toBe(card(id));
});

test("after_a_description_is_saved_or_left_the_focus_is_on_the_way_to_edit_it", async () => {
  await opened();
  await push("edit-description");
  await type("Mine");
  await push("description-save");
  expect(focused()).toBe("edit-description");
  await push("edit-description");
  await type("Mine again");
  await push("description-edit-preview");
  await press("Escape");
  expect([focused(), by("inspector") === null], "esc leaves the edit, not the issue").toEqual([
    "edit-description",
    false,
  ]);
});

test("a_comment_is_sent_edited_kept_and_deleted_by_keys_and_the_focus_stays_at_the_comments", async () => {
  await opened();
  by("comment-box-text")?.focus();
  await type("Said");
  await push("comment-send");
  expect(focused()).toBe("comment-box-text");
  await type("Thought better of");
  await push("comment-discard");
  expect(focused()).toBe("comment-box-text");

  const last = () => [...document.querySelectorAll<HTMLElement>("[data-testid=comment]")].at(-1);
  const way = (name: string) => last()?.querySelector<HTMLElement>(`[data-testid=comment-${name}] button`);
  way("edit")?.focus();
  way("edit")?.click();
  await settled();
  await type("Said better");
  await push("comment-save");
  expect(document.activeElement).toBe(way("edit"));

  way("delete")?.focus();
  way("delete")?.click();
  await settled();
  expect(focused(), "what loses nothing has the focus").toBe("comment-delete-no");
  await press("Escape");
  expect(document.activeElement).toBe(way("delete"));
  expect(by("inspector")).not.toBeNull();
  way("delete")?.click();
  await settled();
  await push("comment-delete-yes");
  expect(focused()).not.toBe("nothing");
  expect(by("inspector")?.contains(document.activeElement)).toBe(true);
});

test("after_a_label_or_a_refusal_goes_the_focus_stays_with_the_field", async () => {
  await opened();
  await push("edit-labels");
  await type("a11y");
  await press("Enter");
  await press("Escape");
  expect(focused()).toBe("edit-labels");
  await push("label-remove");
  expect(focused()).toBe("edit-labels");
  core.writer.switches = new URLSearchParams("policy");
  await push("edit-priority");
  await press("ArrowDown");
  await press("Enter");
  await push("dismiss-refusal");
  expect(focused()).toBe("edit-priority");
});

test("after_undo_and_after_the_bulk_bar_goes_the_focus_is_on_the_board", async () => {
  const { id } = await reached();
  await press("L");
  expect(core.card(id).status).toBe("in_progress");
  await push("undo");
  expect(core.card(id).status).toBe("open");
  expect(focused()).toBe("card");
  await press("x");
  at("[data-testid=bulk-delete]")?.focus();
  await press("Escape");
  expect([by("bulk"), focused()]).toEqual([null, "card"]);
});

test("a_custom_field_keeps_the_focus_when_it_is_saved_and_esc_takes_back_what_was_typed", async () => {
  const { id } = await opened();
  const input = () => by("edit-custom") as HTMLInputElement;
  input().focus();
  input().value = "5";
  await press("Escape");
  expect([input().value, focused(), by("inspector") === null]).toEqual(["3", "edit-custom", false]);
  input().value = "8";
  input().dispatchEvent(new Event("change", { bubbles: true }));
  await settled();
  expect([core.detail(id).issue, focused()]).toMatchObject([{ custom: { estimate: 8 } }, "edit-custom"]);
  await push("custom-add");
  expect(focused()).toBe("custom-name");
  await press("Escape");
  expect(focused()).toBe("custom-add");
});

test("a_card_with_two_versions_says_so_and_v_or_a_click_raises_the_choice", async () => {
  const { id } = await opened();
  await push("edit-title");
  await type("Mine");
  await press("Escape");
  expect([by("card-draft") === null, by("card-versions")]).toEqual([false, null]);
  await platform.command({ type: "set_fields", id, set: { title: "Theirs" } });
  await settled();
  expect(card(id)?.dataset.versions).toBe("title");
  expect(card(id)?.textContent).toContain("2 versions of the title");
  expect(by("versions-said")?.textContent).toContain("2 versions");
  card(id)?.focus();
  await press("v");
  expect(by("merge")?.textContent).toContain("Theirs");
  await push("merge-cancel");
  expect(document.activeElement).toBe(card(id));
  by("card-versions")?.click();
  await settled();
  await push("merge-overwrite");
  expect([core.card(id).title, by("card-draft"), by("card-versions")]).toEqual(["Mine", null, null]);
  await push("edit-title");
  await type("Mine again");
  await press("Escape");
  await platform.command({ type: "set_fields", id, set: { title: "Theirs again" } });
  await settled();
  await push("draft-choose");
  await push("merge-reload");
  expect([core.card(id).title, by("draft"), focused()]).toEqual(["Theirs again", null, "issue-title"]);
});

test("after_a_move_by_keys_that_somebody_else_was_faster_with_the_focus_is_on_the_card", async () => {
  core.writer.switches = new URLSearchParams("conflict");
  const { id } = await reached();
  await press("L");
  expect(by("merge")).not.toBeNull();
  await push("merge-cancel");
  expect([core.card(id).status, document.activeElement]).toEqual(["blocked", card(id)]);
});

test("a_card_that_git_holds_back_has_the_reason_until_git_is_done", async () => {
  const git = (operation: string | null): GitState => ({ ...(core.board.git as GitState), operation });
  core.writer.switches = new URLSearchParams("busy");
  core.patch({ git: git("rebase") });
  const { id } = await reached();
  await press("L");
  expect(card(id)?.querySelector("[data-testid=card-held]")?.textContent).toContain("a rebase is under way");
  core.patch({ git: git(null) });
  await settled();
  expect([by("card-held"), by("card-draft") === null]).toEqual([null, false]);
});
