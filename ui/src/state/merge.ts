// What to send once the person has decided a conflict. Pure.
// How the sides are shown does not belong here.
// Invariants: what is sent carries theirs as what it saw, so that a third version is a conflict again; a field that nobody
// fought over goes along as it was meant.
import type { Command, Sides, WireError } from "../wire/generated";

export type Choice = "mine" | "theirs";
type SetFields = Extract<Command, { type: "set_fields" }>;

/** Fields that are set as a whole; the others are added to and taken from, and have no merge to be chosen. */
const SETTABLE = /^(title|description|type|status|priority|assignee|parent|custom\..+)$/;

export function sidesOf(error: WireError): [string, Sides][] {
  return Object.entries(error.fields ?? {});
}

/** Whether mine can be written over theirs, field by field. */
export function isSettable(command: Command, field: string): boolean {
  return command.type === "edit_comment" ? field.startsWith("comments.") : SETTABLE.test(field);
}

/** The command that does what was chosen; null where nothing of mine is left to write. */
export function decided(
  command: Command,
  issue: string,
  error: WireError,
  choices: Readonly<Record<string, Choice>>,
): Command | null {
  const mine = sidesOf(error).filter(([field]) => choices[field] === "mine" && isSettable(command, field));
  if (command.type === "edit_comment") {
    const [only] = mine;
    if (only === undefined) return null;
    const theirs = only[1].theirs;
    return typeof theirs === "string" ? { ...command, was: theirs } : command;
  }
  const own: SetFields =
    command.type === "set_fields" ? command : { type: "set_fields", id: issue, set: {}, was: {} };
  const fought = new Set(sidesOf(error).map(([field]) => field));
  const set = Object.fromEntries(Object.entries(own.set).filter(([field]) => !fought.has(field)));
  const was = { ...own.was };
  for (const [field, sides] of mine) {
    set[field] = sides.mine;
    was[field] = sides.theirs;
  }
  if (Object.keys(set).length === 0 && own.labels === undefined) return null;
  return { ...own, set, was, ...(error.base === undefined ? {} : { base: error.base }) };
}
