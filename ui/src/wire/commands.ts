// Which commands change issues, and which only what this person has chosen or looked at.
import type { Command } from "./generated";

const OWN = [
  "trust",
  "distrust",
  "change_settings",
  "restore_settings",
  "inbox",
  "watch",
  "mute",
  "draft_conflict",
] as const;

/** What changes no issue. */
export type OwnCommand = Extract<Command, { type: (typeof OWN)[number] }>;
/** What changes issues, several of them at once included. */
export type WriteCommand = Exclude<Command, OwnCommand>;

export function isOwn(command: Command): command is OwnCommand {
  return (OWN as readonly string[]).includes(command.type);
}

/** What changes one issue. */
export function isWrite(command: Command): command is Exclude<WriteCommand, { type: "bulk" }> {
  return !isOwn(command) && command.type !== "bulk";
}
