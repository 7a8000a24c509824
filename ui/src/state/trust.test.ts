// What a repository asks for, summed up and listed.
import { expect, test } from "vitest";
import { sampleTrust } from "../platform/fake/gossip";
import type { Ask, AskKind } from "../wire/generated";
import { askGroups, askSummary, holdsWrites } from "./trust";

const ask = (kind: AskKind, what = "x"): Ask => ({ kind, what, from: ".kanbus.yml" });

test("everything_that_is_asked_for_is_listed_once_and_by_kind", () => {
  const { asks } = sampleTrust(false);
  const groups = askGroups([...asks].reverse());
  expect(groups.map(({ kind }) => kind)).toEqual([
    "broker",
    "credentials",
    "autostart",
    "blocking_hook",
    "hook",
  ]);
  expect(groups.flatMap((group) => group.asks).length).toBe(asks.length);
});

test("a_kind_that_only_a_newer_core_knows_is_listed_as_well", () => {
  const [group] = askGroups([ask("teleport" as AskKind)]);
  expect([group?.title, group?.asks.length]).toEqual(["teleport", 1]);
});

test("the_summary_names_one_broker_and_counts_what_is_run", () => {
  expect(askSummary([ask("broker", "mqtts://broker.example:8883")])).toBe("contact broker.example");
  expect(askSummary([ask("broker"), ask("socket"), ask("hook")])).toBe("contact 2 buses and run a program");
  expect(askSummary(sampleTrust(false).asks)).toMatch(
    /^contact .*, sign in, start a broker and run 3 programs$/,
  );
  expect(askSummary([ask("teleport" as AskKind)])).toBe("do something that needs your trust");
});

test("changes_wait_only_for_programs_that_may_refuse_them", () => {
  expect([holdsWrites([ask("hook")]), holdsWrites([ask("blocking_hook")])]).toEqual([false, true]);
});
