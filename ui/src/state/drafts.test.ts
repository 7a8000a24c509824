// Drafts over a restart, in storage that works, is full, or is not there.
import { expect, test } from "vitest";
import { Drafts, NEW } from "./drafts.svelte";

class Shelf implements Storage {
  readonly #held = new Map<string, string>();
  get length(): number {
    return this.#held.size;
  }
  clear(): void {
    this.#held.clear();
  }
  getItem(key: string): string | null {
    return this.#held.get(key) ?? null;
  }
  key(index: number): string | null {
    return [...this.#held.keys()][index] ?? null;
  }
  removeItem(key: string): void {
    this.#held.delete(key);
  }
  setItem(key: string, value: string): void {
    this.#held.set(key, value);
  }
}

function opened(storage: Storage | null, repository = "/r"): Drafts {
  const drafts = new Drafts(storage, () => 42);
  drafts.useRepository(repository);
  return drafts;
}

const BEGAN = { was: "old", base: "b1" };

test("a_draft_is_there_after_a_restart_with_what_it_began_with", () => {
  const shelf = new Shelf();
  opened(shelf).put("hsy-1", "description", "new", BEGAN);
  const later = opened(shelf);
  expect(later.get("hsy-1", "description")).toEqual({ value: "new", ...BEGAN, at: 42 });
  expect([later.waits("hsy-1"), later.waits("hsy-2")]).toEqual([true, false]);
});

test("what_a_draft_began_with_does_not_move_when_the_file_does", () => {
  const drafts = opened(null);
  drafts.put("hsy-1", "title", "mine", BEGAN);
  drafts.put("hsy-1", "title", "mine too", { was: "theirs", base: "b2" });
  expect(drafts.get("hsy-1", "title")).toMatchObject({ value: "mine too", ...BEGAN });
});

test("typing_back_what_was_there_leaves_no_draft", () => {
  const shelf = new Shelf();
  const drafts = opened(shelf);
  drafts.put("hsy-1", "title", "mine", BEGAN);
  drafts.put("hsy-1", "title", "old", BEGAN);
  expect([drafts.get("hsy-1", "title"), shelf.length]).toEqual([undefined, 0]);
});

test("each_repository_has_its_own_and_a_dropped_one_is_gone_for_good", () => {
  const shelf = new Shelf();
  const drafts = opened(shelf, "/a");
  drafts.put(NEW, "issue", { title: "t" }, { was: null, base: null });
  drafts.useRepository("/b");
  expect(drafts.get(NEW, "issue")).toBeUndefined();
  drafts.useRepository("/a");
  expect(drafts.get(NEW, "issue")?.value).toEqual({ title: "t" });
  drafts.drop(NEW, "issue");
  expect(opened(shelf, "/a").get(NEW, "issue")).toBeUndefined();
});

test("storage_that_is_full_or_forbidden_or_holds_rubbish_costs_nothing_but_the_next_life", () => {
  const broken = new Shelf();
  broken.setItem("hearsay.draft:not json", "x");
  broken.setItem(`hearsay.draft:${JSON.stringify(["/r", "hsy-1", "title"])}`, "{");
  const drafts = opened(broken);
  expect(drafts.get("hsy-1", "title")).toBeUndefined();
  broken.setItem = () => {
    throw new DOMException("full", "QuotaExceededError");
  };
  drafts.put("hsy-1", "title", "mine", BEGAN);
  expect(drafts.get("hsy-1", "title")?.value).toBe("mine");
});

test("a_draft_on_its_way_does_not_wait_for_the_person", async () => {
  const drafts = opened(null);
  drafts.put("hsy-1", "title", "mine", BEGAN);
  let arrive: () => void = () => undefined;
  const way = drafts.sending("hsy-1", "title", () => new Promise<void>((done) => (arrive = done)));
  expect([drafts.waits("hsy-1"), drafts.get("hsy-1", "title")?.value]).toEqual([false, "mine"]);
  arrive();
  await way;
  expect(drafts.waits("hsy-1")).toBe(true);
});
