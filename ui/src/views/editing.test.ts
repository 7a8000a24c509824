// Changing issues as a person does, on the sample core: what is typed, chosen, refused, fought over, kept and taken back.
import { unmount } from "svelte";
import { afterEach, beforeEach, expect, test, vi } from "vitest";
import { fakePair, type FakeCore } from "../platform/fake/fake";
import { sampleTrust } from "../platform/fake/gossip";
import type { Platform } from "../platform/types";
import { Drafts } from "../state/drafts.svelte";
import type { Card, GitState } from "../wire/generated";
import { furnish, NOW, played, press, settled } from "./window-played";

let app: Record<string, unknown>;
let core: FakeCore;
let platform: Platform;

furnish();

const all = (selector: string) => [...document.querySelectorAll<HTMLElement>(selector)];
const at = (testid: string) => document.querySelector<HTMLElement>(`[data-testid="${testid}"]`);

async function click(testid: string): Promise<void> {
  const found = at(testid);
  expect(found, testid).not.toBeNull();
  (found?.matches("button, input") ? found : found?.querySelector("button"))?.click();
  await settled();
}

async function type(testid: string, text: string): Promise<void> {
  const field = at(testid) as HTMLInputElement;
  field.focus();
  field.value = text;
  field.dispatchEvent(new Event("input", { bubbles: true }));
  await settled();
}

async function choose(testid: string, value: string): Promise<void> {
  await click(testid);
  document.querySelector<HTMLElement>(`[data-testid="${testid}-list"] [data-value="${value}"]`)?.click();
  await settled();
}

async function started(): Promise<void> {
  app = await played(platform, new Drafts(localStorage));
}

/** Opens a card that may be started. */
async function opened(): Promise<Card> {
  const cards = all("[data-testid=column][data-key=open] [data-testid=card]").map((card) =>
    core.card(card.dataset.id ?? ""),
  );
  const card = cards.find((one) => one.heard === null && one.type !== "epic") as Card;
  document.querySelector<HTMLElement>(`[data-testid=card][data-id="${card.id}"]`)?.click();
  await settled();
  return card;
}

beforeEach(async () => {
  localStorage.clear();
  ({ core, platform } = fakePair(60, () => NOW));
  await started();
});
afterEach(() => unmount(app));

const title = () => document.querySelector("#issue-title")?.textContent?.trim();

test("a_title_is_edited_in_place_with_the_version_and_the_value_it_began_with", async () => {
  const card = await opened();
  const command = vi.spyOn(platform, "command");
  const { base } = await platform.issue(card.id);
  await click("edit-title");
  await type("title-text", "A better title");
  await press("Enter");
  expect(command.mock.calls[0]?.[0]).toEqual({
    type: "set_fields",
    id: card.id,
    set: { title: "A better title" },
    was: { title: card.title },
    base,
  });
  expect([title(), at("title-edit")]).toEqual(["A better title", null]);
  await press("z", { ctrlKey: true });
  expect(title()).toBe(card.title);
});

test("every_field_that_is_chosen_is_written_and_only_legal_statuses_are_offered", async () => {
  const card = await opened();
  await click("edit-status");
  expect(all("[data-testid=edit-status-list] [data-testid=option]").map((one) => one.dataset.value)).toEqual([
    "backlog",
    "in_progress",
    "deferred",
  ]);
  await press("Escape");
  expect([at("edit-status-list"), at("inspector") === null], "esc closes the list only").toEqual([
    null,
    false,
  ]);
  await choose("edit-status", "in_progress");
  await choose("edit-priority", "0");
  await choose("edit-assignee", "linus");
  await choose("edit-labels", "a11y");
  await choose("edit-type", "chore");
  expect(core.card(card.id)).toMatchObject({
    status: "in_progress",
    priority: 0,
    assignee: "linus",
    type: "chore",
  });
  expect(core.card(card.id).labels.includes("a11y")).toBe(!card.labels.includes("a11y"));
});

test("a_description_is_a_draft_from_the_first_letter_and_survives_a_restart", async () => {
  const card = await opened();
  await click("edit-description");
  await type("description-edit-text", "Half a thought");
  await press("Escape");
  expect(document.querySelector("[data-testid=draft][data-field=description]")).not.toBeNull();
  await unmount(app);
  await started();
  expect(at("card-draft")).not.toBeNull();
  await opened();
  await click("draft-continue");
  expect((at("description-edit-text") as HTMLTextAreaElement).value).toBe("Half a thought");
  await click("description-edit-preview");
  expect(at("preview")?.textContent).toContain("Half a thought");
  await click("description-save");
  expect(core.detail(card.id).issue).toMatchObject({ description: "Half a thought" });
  expect(at("draft")).toBeNull();
});

async function fought(): Promise<Card> {
  core.writer.switches = new URLSearchParams("conflict");
  const card = await opened();
  await click("edit-title");
  await type("title-text", "Mine");
  await press("Enter");
  expect(at("merge")?.textContent).toContain("Mine");
  return card;
}
const THEIRS = "Watch the directory, and match names afterwards";

test("reload_takes_theirs_and_drops_the_draft", async () => {
  const card = await fought();
  await click("merge-reload");
  expect([core.card(card.id).title, at("merge"), at("draft"), at("title-edit")]).toEqual([
    THEIRS,
    null,
    null,
    null,
  ]);
});

test("overwrite_writes_mine", async () => {
  const card = await fought();
  await click("merge-overwrite");
  expect([core.card(card.id).title, at("merge"), at("draft")]).toEqual(["Mine", null, null]);
});

test("nothing_is_chosen_beforehand_and_what_is_chosen_is_what_is_written", async () => {
  const card = await fought();
  await click("merge-save");
  expect(at("merge"), "not before every field is decided").not.toBeNull();
  (at("merge-mine") as HTMLInputElement).click();
  await settled();
  await click("merge-save");
  expect([core.card(card.id).title, at("merge")]).toEqual(["Mine", null]);
});

test("cancel_writes_nothing_and_the_draft_is_there_after_a_restart", async () => {
  const card = await fought();
  await click("merge-cancel");
  expect([core.card(card.id).title, at("merge")]).toEqual([THEIRS, null]);
  expect((at("title-text") as HTMLTextAreaElement).value).toBe("Mine");
  await unmount(app);
  await started();
  document.querySelector<HTMLElement>(`[data-testid=card][data-id="${card.id}"]`)?.click();
  await settled();
  expect(document.querySelector("[data-testid=draft][data-field=title]")?.textContent).toContain("Mine");
  expect(at("overtaken")).not.toBeNull();
});

test("another_field_of_somebody_else_merges_and_a_line_says_so", async () => {
  core.writer.switches = new URLSearchParams("merge");
  const card = await opened();
  await click("edit-title");
  await type("title-text", "Mine");
  await press("Enter");
  expect(core.card(card.id)).toMatchObject({ title: "Mine", priority: 0 });
  expect(at("notice")?.textContent).toContain("somebody else's priority stays");
});

test("a_comment_is_sent_edited_and_deleted", async () => {
  const card = await opened();
  const texts = () => core.detail(card.id).html.comments.map((comment) => comment.html);
  const before = texts().length;
  await type("comment-box-text", "First");
  await press("Enter", { ctrlKey: true });
  expect(texts().at(-1)).toContain("First");
  expect((at("comment-box-text") as HTMLTextAreaElement).value).toBe("");
  const last = () => all("[data-testid=comment]").at(-1);
  last()?.querySelector<HTMLElement>("[data-testid=comment-edit] button")?.click();
  await settled();
  await type("comment-editor-text", "Second");
  await click("comment-save");
  expect(texts().at(-1)).toContain("Second");
  last()?.querySelector<HTMLElement>("[data-testid=comment-delete] button")?.click();
  await settled();
  await click("comment-delete-yes");
  expect(texts().length).toBe(before);
});

test("a_refusal_is_said_where_the_edit_was_made_and_keeps_what_was_typed", async () => {
  core.writer.switches = new URLSearchParams("policy");
  await opened();
  await click("edit-title");
  await type("title-text", "Mine");
  await press("Enter");
  const refused = at("refused");
  expect([refused?.dataset.code, refused?.textContent?.includes("must have a description")]).toEqual([
    "policy",
    true,
  ]);
  expect((at("title-text") as HTMLTextAreaElement).value).toBe("Mine");
});

test("what_is_locked_is_tried_again_and_what_is_not_trusted_is_reviewed", async () => {
  core.say({ trust: { kind: "trust", ...sampleTrust(false) } });
  core.writer.switches = new URLSearchParams("locked&untrusted");
  const card = await opened();
  await choose("edit-priority", "0");
  expect(at("refused")?.dataset.code).toBe("locked");
  await click("try-again");
  expect(at("refused")?.dataset.code).toBe("untrusted");
  await click("review-trust");
  expect(at("trust-sheet")).not.toBeNull();
  all("button")
    .find((button) => button.textContent?.trim() === "Trust exactly this")
    ?.click();
  await settled();
  await click("try-again");
  expect([core.card(card.id).priority, at("refused"), at("draft")]).toEqual([0, null, null]);
});

test("a_new_issue_begins_with_the_projects_values_and_is_opened", async () => {
  await press("c");
  expect(at("create")?.textContent).toContain("It begins as Ready");
  await type("create-title", "Something new");
  await click("create-cancel");
  await press("c");
  expect((at("create-title") as HTMLInputElement).value, "closing keeps it").toBe("Something new");
  const command = vi.spyOn(platform, "command");
  await click("create-save");
  expect(command.mock.calls[0]?.[0]).toEqual({
    type: "create",
    issue: { title: "Something new", type: "task" },
  });
  expect([title(), at("create")]).toEqual(["Something new", null]);
});

test("a_title_of_spaces_is_refused_where_it_was_typed", async () => {
  await press("c");
  expect(at("create-save")?.getAttribute("aria-disabled")).toBe("true");
  await type("create-title", "   ");
  await click("create-save");
  expect([at("refused")?.dataset.place, at("create") !== null]).toEqual(["create", true]);
  expect(at("refused")?.textContent).toContain("The title is empty");
});

test("deleting_names_what_goes_with_it", async () => {
  const cards = Object.values(core.board).filter((unit): unit is Card => unit.kind === "card");
  const epic = cards.find((card) => card.type === "epic") as Card;
  core.patch({ [`card:${epic.id}`]: { ...epic, rank: "" } });
  await settled();
  document.querySelector<HTMLElement>(`[data-testid=card][data-id="${epic.id}"]`)?.click();
  await settled();
  await click("issue-menu");
  await click("menu-delete");
  const below = Object.values(core.board).filter((unit) => unit.kind === "card" && unit.parent === epic.id);
  expect(all("[data-testid=delete-item]").map((item) => item.dataset.id)).toEqual(
    expect.arrayContaining([epic.id, ...below.map((unit) => (unit as Card).id)]),
  );
  await click("delete-yes");
  expect(`card:${epic.id}` in core.board).toBe(false);
  await click("undo");
  expect(`card:${epic.id}` in core.board).toBe(true);
});

test("an_issue_goes_to_this_machine_only_and_back", async () => {
  const card = await opened();
  await click("issue-menu");
  await click("menu-move");
  expect(core.card(card.id).source).toBe("local");
  await click("undo");
  expect(core.card(card.id).source).toBe("shared");
});

test("cards_are_selected_by_keys_and_changed_together", async () => {
  await press("j");
  await press("x");
  await press("J");
  const ids = all("[data-testid=card][data-selected]").map((card) => card.dataset.id ?? "");
  expect([ids.length, at("bulk-count")?.textContent]).toEqual([2, "2 selected"]);
  await choose("bulk-assignee", "barbara-l");
  expect(ids.map((id) => core.card(id).assignee)).toEqual(["barbara-l", "barbara-l"]);
  await press("Escape");
  expect(at("bulk")).toBeNull();
});

test("what_is_done_to_some_of_several_is_called_after_those_alone", async () => {
  await press("j");
  await press("x");
  await press("J");
  await press("J");
  const ids = all("[data-testid=card][data-selected]").map((card) => card.dataset.id ?? "");
  const send = platform.command.bind(platform);
  vi.spyOn(platform, "command").mockImplementationOnce(async (command) => {
    if (command.type !== "bulk") return send(command);
    const done = await send({ ...command, commands: command.commands.slice(0, -1) });
    return {
      ...done,
      results: [...(done.results ?? []), { error: { code: "rule", message: "not this one" } }],
    };
  });
  await click("bulk-assignee");
  const box = document.querySelector<HTMLInputElement>("[data-testid=bulk-assignee-list] input");
  if (box !== null) box.value = "nobody-yet";
  box?.dispatchEvent(new Event("input", { bubbles: true }));
  await press("Enter");
  expect(all("[data-testid=bulk-result]").map((one) => one.textContent)).toEqual([
    expect.stringContaining("Not this one"),
  ]);
  expect(at("bulk-results")?.textContent).toContain("2 of 3 were changed");
  expect(at("notice")?.textContent).toContain("Assigned 2 issues to nobody-yet");
  await click("undo");
  expect(ids.map((id) => core.card(id).assignee)).not.toContain("nobody-yet");
});

test("several_that_a_busy_git_refuses_are_written_anyway_together", async () => {
  core.writer.switches = new URLSearchParams("busy");
  await press("j");
  await press("x");
  await press("J");
  const ids = all("[data-testid=card][data-selected]").map((card) => card.dataset.id ?? "");
  await choose("bulk-assignee", "barbara-l");
  expect(all("[data-testid=bulk-result]").map((one) => one.dataset.code)).toEqual(["git_busy", "git_busy"]);
  expect(at("bulk-anyway"), "Git rewrites files, and nothing waits to be resolved").toBeNull();
  core.patch({ git: { ...(core.board.git as GitState), operation: "merge" } });
  await click("bulk-again");
  expect(ids.map((id) => core.card(id).assignee)).not.toContain("barbara-l");
  await click("bulk-anyway");
  expect(ids.map((id) => core.card(id).assignee)).toEqual(["barbara-l", "barbara-l"]);
  expect([at("bulk-results"), at("bulk-count")?.textContent]).toEqual([null, "2 selected"]);
});

test("a_card_is_moved_by_keys_and_keeps_the_focus", async () => {
  await press("j");
  const id = document.activeElement?.getAttribute("data-id") ?? "";
  await press("m");
  expect(all("[data-standing=legal]").map((column) => column.dataset.key)).toEqual([
    "backlog",
    "in_progress",
    "deferred",
  ]);
  await press("ArrowRight");
  await press("Enter");
  expect([core.card(id).status, at("inspector")]).toEqual(["in_progress", null]);
  expect(document.activeElement?.getAttribute("data-id")).toBe(id);
  await press("H");
  expect(core.card(id).status).toBe("open");
});
