// The window as a person and an assistive technology meet it, on the sample core.
import { flushSync, unmount } from "svelte";
import { afterEach, beforeEach, expect, test, vi } from "vitest";
import { sampleLink, sampleTrust } from "../platform/fake/gossip";
import { fakePair, type FakeCore } from "../platform/fake/fake";
import type { Platform } from "../platform/types";
import { Drafts } from "../state/drafts.svelte";
import type { Trust } from "../wire/generated";
import { furnish, NOW, played, press, settled } from "./window-played";

let app: Record<string, unknown>;
let core: FakeCore;
let platform: Platform;

furnish();

const all = (selector: string) => [...document.querySelectorAll<HTMLElement>(selector)];
const one = (selector: string) => document.querySelector<HTMLElement>(selector);
const card = (id: string) => one(`[data-testid=card][data-id="${id}"]`);

beforeEach(async () => {
  const pair = fakePair(60, () => NOW);
  core = pair.core;
  platform = pair.platform;
  app = await played(platform, new Drafts(null));
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

const button = (text: string) => all("button").find((found) => found.textContent?.trim() === text);
const ask = (more: Partial<Trust> = {}) =>
  core.say({ trust: { kind: "trust", ...sampleTrust(false), ...more } });

test("trust_is_asked_for_shown_whole_given_and_taken_back", async () => {
  ask();
  await settled();
  one("[data-testid=trust-banner] button")?.click();
  await settled();
  const listed = all("[data-testid=trust-sheet] [data-testid=ask]").map((item) => item.textContent);
  for (const { what, from } of sampleTrust(false).asks)
    expect(
      listed.some((text) => text?.includes(what) && text.includes(from)),
      what,
    ).toBe(true);
  button("Trust exactly this")?.click();
  await settled();
  expect([one("[data-testid=trust-sheet]"), one("[data-testid=trust-banner]")]).toEqual([null, null]);
  one("[data-testid=link-state]")?.click();
  await settled();
  expect(one("[data-testid=trust-line]")?.dataset.trusted).toBe("true");
  button("Take back")?.click();
  await settled();
  expect(one("[data-testid=trust-banner]")).not.toBeNull();
});

test("what_changed_while_it_was_read_is_shown_before_it_can_be_trusted", async () => {
  ask();
  await settled();
  one("[data-testid=trust-banner] button")?.click();
  await settled();
  const command = vi.spyOn(platform, "command");
  ask({ digest: "other", asks: [{ kind: "hook", what: "rm -r /", from: ".kanbus.yml" }] });
  await settled();
  expect(button("Trust exactly this")).toBeUndefined();
  expect(one("[data-testid=trust-sheet]")?.textContent).not.toContain("rm -r /");
  button("Show what it asks for now")?.click();
  await settled();
  expect(one("[data-testid=trust-sheet]")?.textContent).toContain("rm -r /");
  button("Trust exactly this")?.click();
  await settled();
  expect(command.mock.calls).toEqual([[{ type: "trust", digest: "other" }]]);
});

test("a_refused_answer_is_said_in_the_sheet_which_stays", async () => {
  ask();
  await settled();
  one("[data-testid=trust-banner] button")?.click();
  await settled();
  vi.spyOn(platform, "command").mockRejectedValue({ code: "conflict", message: "not this" });
  button("Trust exactly this")?.click();
  await settled();
  expect(one("[data-testid=trust-sheet] [role=alert]")?.textContent).toContain("Not this");
});

test("the_link_opens_what_is_known_of_it_and_esc_gives_the_focus_back", async () => {
  core.say({ link: { kind: "link", ...sampleLink("both", NOW) } });
  await settled();
  const link = one("[data-testid=link-state]");
  expect(link?.textContent).toContain("Listening on the local bus and");
  link?.click();
  await settled();
  expect(all("[data-testid=way]").map((way) => way.dataset.kind)).toEqual(["uds", "mqtt", "files"]);
  expect(one("[data-testid=refused]")?.textContent).toContain("3");
  await press("Escape");
  expect(one("[data-testid=link-panel]")).toBeNull();
  expect(document.activeElement).toBe(link);
});

test("a_live_message_is_shown_and_touches_no_card", async () => {
  const before = all("[data-testid=card]");
  core.say({ link: { kind: "link", ...sampleLink("lost", NOW) } });
  await settled();
  expect(one("[data-testid=link-state]")?.dataset.tone).toBe("lost");
  expect(all("[data-testid=card]")).toEqual(before);
});

test("what_is_heard_of_a_card_is_on_the_card_and_beside_the_file_in_the_inspector", async () => {
  const id = all("[data-testid=card]")[0]?.dataset.id ?? "";
  const heard = {
    at: new Date(NOW - 12_000).toISOString(),
    deleted: false,
    fields: ["title", "status"],
    from: "codex-3",
  };
  core.patch({ [`card:${id}`]: { ...core.card(id), stage: "heard", heard, title: "Heard anew" } });
  await settled();
  expect(card(id)?.dataset.heard).toBe("fields");
  expect(card(id)?.querySelector("[data-testid=heard]")?.textContent).toMatch(/^heard .* from codex-3$/);
  expect(
    [...(card(id)?.querySelectorAll("[data-testid=heard-mark]") ?? [])].map((mark) =>
      mark.getAttribute("title"),
    ),
  ).toEqual(["Heard: status", "Heard title"]);
  card(id)?.click();
  await settled();
  expect(one("[data-testid=heard-note]")?.textContent).toContain("title, status");
  expect(all("[data-testid=in-the-file]").map((value) => value.textContent)).toEqual([
    "in the file: Watch files instead of directories",
    "in the file: Ready",
  ]);
});
