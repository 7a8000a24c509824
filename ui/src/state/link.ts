// The live link in words: the line to the core, what gossip says of itself, and the watch over the files.
// How the words are laid out does not belong here.
// Invariants: a line to the core that is down outranks whatever the core said last; a time is only asked for by words that
// hold an age, so that nothing else ticks.
import { agoToTheSecond, stopwatch } from "../shared/time";
import type { Link as Line } from "../platform/types";
import type { Lag, Link, Watch, Way } from "../wire/generated";

/** The present by the core's clock and by this machine's. */
export interface Present {
  readonly second: number;
  readonly present: number;
  around(then: number): number;
}

export type Tone = "well" | "waiting" | "off" | "degraded" | "lost";

export interface LinkWords {
  tone: Tone;
  text: (present: Present) => string;
  detail: string;
  /** What is announced: the text without what ticks. */
  said: string;
}

export function linkWords(line: Line, link: Link | null, watch: Watch | null, shown: boolean): LinkWords {
  switch (line.state) {
    case "connecting":
      return still("waiting", "Connecting…", "Waiting for the first board");
    case "idle":
      return still("waiting", "No repository open", "");
    case "lost": {
      const gone = (present: Present) => stopwatch(present.second - line.since);
      const text = (present: Present) =>
        shown
          ? `Live link lost ${gone(present)}, still showing the last board`
          : `Not connected for ${gone(present)}`;
      return { tone: "lost", text, detail: line.error?.message ?? "Trying again", said: "Live link lost" };
    }
    case "live":
      return link === null ? watchWords(watch) : gossipWords(link, watch);
  }
}

function still(tone: Tone, text: string, detail: string): LinkWords {
  return { tone, text: () => text, detail, said: text };
}

function gossipWords(link: Link, watch: Watch | null): LinkWords {
  const detail = link.message ?? watch?.message ?? "";
  const files = filesWords(watch);
  switch (link.state) {
    case "listening":
      return listening(link, watch, detail);
    case "connecting":
      return still("waiting", `Connecting to ${connectingTo(link.ways)}…`, detail);
    case "lost": {
      const lost = "Live link lost";
      const since = Date.parse(link.since);
      const text = (present: Present) => `${lost} ${stopwatch(present.present - since)}, ${files.still}`;
      return { tone: "lost", text, detail, said: `${lost}, ${files.still}` };
    }
    case "off":
      return still(files.well ? "off" : "degraded", `Gossip is off, ${files.plain}`, detail);
  }
}

function listening(link: Link, watch: Watch | null, detail: string): LinkWords {
  const lost = link.ways.filter((way) => way.state === "lost").map(placeOf);
  const files = filesWords(watch);
  const head = listeningTo(link.ways);
  const wrong = [...lost.map((place) => `${place} lost`), ...(files.well ? [] : [files.plain])];
  if (wrong.length > 0) return still("degraded", `${head}, ${wrong.join(", ")}`, detail);
  const heard = link.last_heard;
  if (heard === null) return still("well", head, detail || "Nothing was heard yet");
  const text = (present: Present) => {
    const now = present.around(Date.parse(heard));
    return `${head}, heard ${agoToTheSecond(heard, now)}`;
  };
  return { tone: "well", text, detail, said: head };
}

function listeningTo(ways: readonly Way[]): string {
  const open = ways.filter((way) => way.state === "listening");
  const places = open.length === 1 ? open.map(placeOf) : open.map(brieflyPlaced);
  if (places.length === 0) return "Listening";
  const verb = open.every((way) => way.hosting) ? "Hosting" : "Listening on";
  return `${verb} ${places.join(" and ")}`;
}

function connectingTo(ways: readonly Way[]): string {
  const way = ways.find((candidate) => candidate.state === "connecting") ?? ways[0];
  return way === undefined ? "the bus" : placeOf(way);
}

/** A bus by its name: the local one, or the broker's host. */
export function placeOf(way: Way): string {
  return way.kind === "uds" ? "the local bus" : shortened(hostOf(way.endpoint));
}

/** Where several are told in one breath, a long name says less than that there is a broker; the panel has it whole. */
function brieflyPlaced(way: Way): string {
  const place = placeOf(way);
  return place.length <= 20 ? place : "a broker";
}

/** A long name without its middle, so that what stands after it stays in sight. */
function shortened(name: string): string {
  return name.length <= 28 ? name : `${name.slice(0, 14)}…${name.slice(-11)}`;
}

/** The host of an address; what is none is named as it is. */
export function hostOf(endpoint: string): string {
  return /^[a-z][a-z0-9+.-]*:\/\/(?:[^/?#]*@)?(\[[^\]]*\]|[^:/?#]+)/i.exec(endpoint)?.[1] ?? endpoint;
}

/** How a bus is, and for how long. */
export function wayWords(way: Way, present: Present): string {
  const since = Date.parse(way.since);
  if (way.state === "off" || Number.isNaN(since)) return way.state;
  if (way.state !== "listening") {
    const gone = stopwatch(present.present - since);
    return way.state === "lost" ? `lost ${gone}` : `connecting for ${gone}`;
  }
  const words = agoToTheSecond(way.since, present.around(since));
  return words === "just now" ? "listening" : `listening for ${words.replace(/ ago$/, "")}`;
}

interface FilesWords {
  well: boolean;
  plain: string;
  still: string;
}

function filesWords(watch: Watch | null): FilesWords {
  switch (watch?.mode) {
    case "polling":
      return {
        well: false,
        plain: "checking files every few seconds",
        still: "still checking files every few seconds",
      };
    case "blind":
      return { well: false, plain: "not noticing file changes", still: "and not noticing file changes" };
    default:
      return { well: true, plain: "watching files", still: "still watching files" };
  }
}

/** The watch over the files alone, for the panel and for a core that says nothing of gossip. */
export function watchWords(watch: Watch | null): LinkWords {
  const detail = watch?.message ?? "";
  switch (watch?.mode) {
    case "polling":
      return still("degraded", "Checking files every few seconds", detail || "This disk reports no changes");
    case "blind":
      return still(
        "degraded",
        "Not noticing file changes",
        detail || "Neither watching nor polling works here",
      );
    case "native":
      return still("well", "Watching files", detail || "A change shows as soon as it is written");
    default:
      return still("well", "Live", detail);
  }
}

/** From where to where the scale of lags goes, in milliseconds: four powers of ten. */
const LEAST = 1;
const POWERS = 4;

/** Where a lag stands on the scale, from 0 to 1. */
export function lagPlace(ms: number): number {
  return Math.min(1, Math.max(0, Math.log10(Math.max(ms, LEAST) / LEAST) / POWERS));
}

/** Clocks differ, so a lag may be less than nothing, and then says as much as none. */
export function lagOf(lag: Lag): Lag {
  const p50_ms = Math.max(0, lag.p50_ms);
  return { p50_ms, p95_ms: Math.max(p50_ms, lag.p95_ms) };
}
