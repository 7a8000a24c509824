// What the person sees of an opening, whoever asked for it: the link and the host are played by hand.
import { expect, test } from "vitest";
import type { Incoming, Opening, Platform, Repositories } from "../platform/types";
import { fault } from "../wire/fault";
import type { RepositoryInfo } from "../wire/generated";
import { Session } from "./session.svelte";

const REFUSED = fault("io", "the disk does not answer");
const PROGRESS: Opening = { path: "/asked", done: 3, total: 10 };

function started() {
  let tell: (incoming: Incoming) => void = () => undefined;
  let progress: (opening: Opening) => void = () => undefined;
  let answer: (opened: RepositoryInfo) => void = () => undefined;
  const repositories: Repositories = {
    recent: async () => [],
    open: () => new Promise((done) => (answer = done)),
    question: async () => null,
    decline: async () => undefined,
    issueToShow: async () => null,
    onShowIssue: () => () => undefined,
    pick: async () => null,
    onOpening: (listener) => ((progress = listener), () => undefined),
    onDrop: () => () => undefined,
  };
  const platform = {
    kind: "fake",
    repositories,
    connect: (listener) => ((tell = listener), { resync: () => undefined, stop: () => undefined }),
  } satisfies Partial<Platform>;
  const session = new Session(platform as unknown as Platform);
  session.start();
  const lose = () => tell({ kind: "link", link: { state: "lost", since: 0, error: REFUSED } });
  return {
    session,
    lose,
    progress: () => progress(PROGRESS),
    answer: () => answer({ name: "r", path: "/r" }),
  };
}

test("a_retry_of_the_host_does_not_take_away_why_the_last_one_failed", () => {
  const { session, lose, progress } = started();
  progress();
  expect(session.opening, "the first attempt is shown").toEqual(PROGRESS);
  lose();
  expect(session.opening).toBeNull();
  progress();
  expect(session.opening).toBeNull();
});

test("what_the_person_opens_is_not_disturbed_by_a_retry_that_fails", async () => {
  const { session, lose, progress, answer } = started();
  lose();
  const opened = session.open("/asked");
  lose();
  progress();
  lose();
  expect(session.opening).toEqual(PROGRESS);
  answer();
  await opened;
  expect(session.opening, "until the board is there").toEqual(PROGRESS);
  lose();
  expect(session.opening).toBeNull();
});
