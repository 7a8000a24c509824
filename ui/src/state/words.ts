// What the wire's codes are called where a person reads them: a stage, a note.
// Sentences of an issue's history live with the history; the link has its own words in link.ts.
import type { Card, NoteCode } from "../wire/generated";
import { heardKind, type HeardKind } from "./heard";

export interface StageWords {
  mark: "written" | "local" | "unreadable" | null;
  text: string;
}

const HEARD: Readonly<Record<HeardKind, string>> = {
  only: "only heard, there is no file yet",
  deleted: "heard deleted, the file is still here",
  fields: "heard, not in the files yet",
};

/** How far the card's newest change has come. Null where it is committed, which needs no mark, or heard, which has its own. */
export function stageWords(card: Card): StageWords {
  if (card.stage === "unreadable")
    return { mark: "unreadable", text: "unreadable file, showing the committed version" };
  if (card.heard !== null) return { mark: null, text: HEARD[heardKind(card.heard)] };
  if (card.source === "local") return { mark: "local", text: "local to this machine" };
  if (card.stage === "written") return { mark: "written", text: "not committed" };
  return { mark: null, text: card.stage === "heard" ? HEARD.only : "committed" };
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
  kanbus_refuses: "Wait for a pull",
};

export function noteTitle(code: NoteCode): string {
  return NOTES[code] ?? String(code);
}
