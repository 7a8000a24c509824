// What somebody else wants to be shown: the person is asked, and an issue comes once.
import { flushSync } from "svelte";
import { expect, test } from "vitest";
import { SampleDesktop } from "../platform/fake/desktop";
import { fakePair } from "../platform/fake/fake";
import type { OpeningQuestion, Repositories } from "../platform/types";
import { Session } from "./session.svelte";
import { useWanted, Wanted } from "./wanted.svelte";

const QUESTION: OpeningQuestion = { path: "/theirs", document: null };

const turn = () => new Promise((done) => setTimeout(done));

function wanted(question: OpeningQuestion | null, issues: string[]) {
  const shown: string[] = [];
  let declined = 0;
  let listener: () => void = () => undefined;
  const host = {
    question: async () => question,
    decline: async () => void (declined += 1),
    issueToShow: async () => issues.shift() ?? null,
    onShowIssue: (told) => ((listener = told), () => undefined),
  } satisfies Partial<Repositories>;
  const state = new Wanted(host as unknown as Repositories, (key) => shown.push(key));
  state.follow();
  const tell = async (key: string) => {
    issues.push(key);
    listener();
    await turn();
  };
  return { state, shown, declined: () => declined, tell };
}

test("the_person_is_asked_while_nothing_is_open_and_not_after", async () => {
  const { state, declined } = wanted(QUESTION, []);
  await state.idle();
  expect(state.question).toEqual(QUESTION);
  state.decline();
  expect(state.question).toBeNull();
  expect(declined()).toBe(1);
  await state.idle();
  await state.opened();
  expect(state.question).toBeNull();
});

test("the_issue_that_is_wanted_is_shown_when_the_board_is_there_and_later_ones_at_once", async () => {
  const { state, shown, tell } = wanted(null, []);
  await tell("app-1");
  expect(shown).toEqual([]);
  await state.opened();
  expect(shown).toEqual(["app-1"]);
  await tell("app-2");
  expect(shown).toEqual(["app-1", "app-2"]);
});

test("a_host_with_one_repository_is_asked_nothing", async () => {
  const state = new Wanted(null, () => expect.unreachable());
  await state.idle();
  await state.opened();
  expect(state.question).toBeNull();
});

test("a_second_link_is_asked_about_although_nothing_was_open_before_it", async () => {
  const questions: (OpeningQuestion | null)[] = [null, QUESTION];
  const repositories: Partial<Repositories> = {
    question: async () => questions.shift() ?? null,
    onShowIssue: () => () => undefined,
  };
  const session = new Session({
    ...fakePair(1, () => 0).platform,
    repositories: repositories as Repositories,
  });
  let state: Wanted | null = null;
  const stop = $effect.root(() => void (state = useWanted(session, () => undefined)));
  const asked = async () => {
    session.link = { state: "idle" };
    flushSync();
    await Promise.resolve();
    return (state as Wanted | null)?.question;
  };
  expect(await asked()).toBeNull();
  expect(await asked()).toEqual(QUESTION);
  stop();
});

test("the_inbox_is_shown_when_it_is_wanted_and_a_host_that_knows_no_views_shows_the_board", async () => {
  const desktop = new SampleDesktop(new URLSearchParams(), 0);
  let shown = 0;
  const state = new Wanted(
    null,
    () => undefined,
    desktop,
    () => (shown += 1),
  );
  state.follow();
  desktop.wantInbox();
  await turn();
  expect(shown).toBe(0);
  await state.opened();
  expect(shown).toBe(1);
  desktop.wantInbox();
  await turn();
  expect(shown).toBe(2);
  desktop.viewToShow = () => Promise.reject(new Error("unknown command"));
  await state.opened();
  expect(shown).toBe(2);
});
