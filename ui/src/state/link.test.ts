// The live link in words, in every state that the core and the line to it can have.
import { expect, test, vi } from "vitest";
import { sampleLink } from "../platform/fake/gossip";
import type { Link, Watch, Way } from "../wire/generated";
import { hostOf, lagOf, lagPlace, linkWords, wayWords, type Present } from "./link";

const NOW = Date.parse("2026-01-02T03:04:05Z");
const LIVE = { state: "live" } as const;
const PRESENT: Present = { second: NOW, present: NOW, around: () => NOW };
const watch = (mode: Watch["mode"]): Watch => ({ mode, message: null, since: "" });

function text(link: Link | null, mode: Watch["mode"] = "native"): string {
  return linkWords(LIVE, link, watch(mode), true).text(PRESENT);
}

test.each([
  ["listening", "well", "Listening on the local bus, heard 3 s ago"],
  ["hosting", "well", "Hosting the local bus, heard 3 s ago"],
  ["quiet", "well", "Listening on the local bus"],
  ["both", "well", "Listening on the local bus and a broker, heard 3 s ago"],
  ["partly", "degraded", "Hosting the local bus, broker.example lost"],
  ["lost", "lost", "Live link lost 0:42, still watching files"],
  ["connecting", "waiting", "Connecting to broker.example…"],
  ["off", "off", "Gossip is off, watching files"],
])("a_link_that_is_%s_is_%s_and_says_so", (name, tone, said) => {
  expect(text(sampleLink(name, NOW))).toBe(said);
  expect(linkWords(LIVE, sampleLink(name, NOW), watch("native"), true).tone).toBe(tone);
});

test("a_long_name_of_a_broker_loses_its_middle_and_a_short_one_nothing", () => {
  const on = (endpoint: string): Link => {
    const both = sampleLink("both", NOW);
    return { ...both, ways: both.ways.slice(1).map((way) => ({ ...way, endpoint })), last_heard: null };
  };
  expect(text(on("mqtts://a1b2c3d4e5f6g7-ats.iot.eu-central-1.amazonaws.example:443"))).toBe(
    "Listening on a1b2c3d4e5f6g7…aws.example",
  );
  expect(text(on("mqtt://broker.example:1883"))).toBe("Listening on broker.example");
});

test("files_that_are_not_watched_well_are_said_beside_a_link_that_is_well", () => {
  const listening = sampleLink("listening", NOW);
  expect(text(listening, "polling")).toBe("Listening on the local bus, checking files every few seconds");
  expect(text(listening, "blind")).toBe("Listening on the local bus, not noticing file changes");
  expect(text(sampleLink("lost", NOW), "blind")).toBe("Live link lost 0:42, and not noticing file changes");
  expect(text(null)).toBe("Watching files");
});

test("a_line_to_the_core_that_is_down_outranks_what_the_core_said_last", () => {
  const down = { state: "lost", since: NOW - 65_000, error: null } as const;
  const words = linkWords(down, sampleLink("listening", NOW), watch("native"), true);
  expect(words.text(PRESENT)).toBe("Live link lost 1:05, still showing the last board");
  expect(words.said, "what is announced does not tick").toBe("Live link lost");
});

test("only_words_that_hold_an_age_ask_for_the_time", () => {
  const around = vi.fn(() => NOW);
  const seconds = vi.fn(() => NOW);
  const present = {
    around,
    get second() {
      return seconds();
    },
    get present() {
      return seconds();
    },
  };
  for (const name of ["quiet", "partly", "connecting", "off"])
    linkWords(LIVE, sampleLink(name, NOW), watch("native"), true).text(present);
  expect([around, seconds].flatMap((asked) => asked.mock.calls)).toEqual([]);
  linkWords(LIVE, sampleLink("listening", NOW), watch("native"), true).text(present);
  expect([around.mock.calls.length, seconds.mock.calls.length]).toEqual([1, 0]);
});

test("what_is_announced_of_a_link_does_not_change_with_its_age", () => {
  const said = (name: string, after: number) =>
    linkWords(LIVE, { ...sampleLink(name, NOW), last_heard: new Date(NOW - after).toISOString() }, null, true)
      .said;
  for (const name of ["listening", "both", "lost"]) expect(said(name, 2000)).toBe(said(name, 50_000));
});

test("a_way_says_how_it_is_and_for_how_long", () => {
  const way = (state: Way["state"], seconds: number): Way => ({
    kind: "uds",
    endpoint: "/s",
    hosting: false,
    message: null,
    since: new Date(NOW - seconds * 1000).toISOString(),
    state,
  });
  expect(
    [way("listening", 0), way("listening", 240), way("lost", 42), way("connecting", 5), way("off", 9)].map(
      (one) => wayWords(one, PRESENT),
    ),
  ).toEqual(["listening", "listening for 4 min", "lost 0:42", "connecting for 0:05", "off"]);
  expect(wayWords({ ...way("lost", 1), since: "no time" }, PRESENT)).toBe("lost");
});

test("a_broker_is_called_by_its_host_and_never_by_what_it_is_signed_in_with", () => {
  expect(
    [
      "mqtts://broker.example:8883",
      "mqtt://ada:secret@broker.example/x",
      "mqtt://[::1]:1883",
      "elsewhere",
    ].map(hostOf),
  ).toEqual(["broker.example", "broker.example", "[::1]", "elsewhere"]);
});

test("lags_stand_on_a_scale_of_powers_of_ten_and_are_never_less_than_none", () => {
  expect([-5, 0, 1, 10, 100, 10_000, 1e9].map(lagPlace)).toEqual([0, 0, 0, 0.25, 0.5, 1, 1]);
  expect(lagOf({ p50_ms: -40, p95_ms: -2 })).toEqual({ p50_ms: 0, p95_ms: 0 });
});
