// What the wire's codes are called where a person reads them: the link, a stage, a note.
// Sentences of an issue's history live with the history.
import { stopwatch } from "../shared/time";
import type { Link } from "../platform/types";
import type { Card, NoteCode, Watch } from "../wire/generated";

export interface LinkWords {
  tone: "well" | "waiting" | "degraded" | "lost";
  text: string;
  detail: string;
  /** What is announced: the text without what ticks. */
  said: string;
}

export function linkWords(link: Link, watch: Watch | null, boardShown: boolean, second: number): LinkWords {
  const words = wordsOf(link, watch, boardShown, second);
  return { ...words, said: link.state === "lost" ? "Live link lost" : words.text };
}

type Words = Omit<LinkWords, "said">;

function wordsOf(link: Link, watch: Watch | null, boardShown: boolean, second: number): Words {
  switch (link.state) {
    case "connecting":
      return { tone: "waiting", text: "Connecting…", detail: "Waiting for the first board" };
    case "idle":
      return { tone: "waiting", text: "No repository open", detail: "" };
    case "lost": {
      const gone = stopwatch(second - link.since);
      const detail = link.error?.message ?? "Trying again";
      const text = boardShown
        ? `Live link lost ${gone}, still showing the last board`
        : `Not connected for ${gone}`;
      return { tone: "lost", text, detail };
    }
    case "live":
      return watchWords(watch);
  }
}

function watchWords(watch: Watch | null): Words {
  const detail = watch?.message ?? "";
  switch (watch?.mode) {
    case "polling":
      return {
        tone: "degraded",
        text: "Checking files every few seconds",
        detail: detail || "This disk reports no changes",
      };
    case "blind":
      return {
        tone: "degraded",
        text: "Not noticing file changes",
        detail: detail || "Neither watching nor polling works here",
      };
    case "native":
      return {
        tone: "well",
        text: "Watching files",
        detail: detail || "A change shows as soon as it is written",
      };
    default:
      return { tone: "well", text: "Live", detail };
  }
}

export interface StageWords {
  mark: "written" | "local" | "unreadable" | "heard" | null;
  text: string;
}

/** How far the card's newest change has come. Null where it is committed, which needs no mark. */
export function stageWords(card: Card): StageWords {
  if (card.stage === "unreadable")
    return { mark: "unreadable", text: "unreadable file, showing the committed version" };
  if (card.stage === "heard") return { mark: "heard", text: "heard, not in the files yet" };
  if (card.source === "local") return { mark: "local", text: "local to this machine" };
  if (card.stage === "written") return { mark: "written", text: "not committed" };
  return { mark: null, text: "committed" };
}

const NOTES: Readonly<Record<NoteCode, string>> = {
  unknown_status: "Unknown status",
  unknown_type: "Unknown type",
  unknown_priority: "Unknown priority",
  missing_field: "A field is missing",
  wrong_type: "A field has the wrong type",
  id_mismatch: "The id differs from the file name",
  duplicate_id: "Two files share this id",
  missing_parent: "The parent does not exist",
  parent_cycle: "It is its own ancestor",
  missing_dependency: "A dependency does not exist",
  unknown_dependency: "Unknown kind of dependency",
};

export function noteTitle(code: NoteCode): string {
  return NOTES[code] ?? String(code);
}
