// What the core says of the person's rules, as the settings show it.
// What a rule means does not belong here.
import type { Class, Line, Trial, WireError } from "../wire/generated";

export interface Place {
  line: number;
  column: number;
}

/** Where in the rules an error is; null where it does not say. */
export function placeOfError(error: WireError): Place | null {
  const found = /\bline (\d+)(?:, column (\d+))?/i.exec(error.message);
  return found === null ? null : { line: Number(found[1]), column: Number(found[2] ?? 1) };
}

/** How many UTF-16 units stand before a place; columns count characters. */
export function offsetOf(text: string, { line, column }: Place): number {
  const lines = text.split("\n");
  const before = lines.slice(0, line - 1).reduce((sum, one) => sum + one.length + 1, 0);
  const inLine = [...(lines[line - 1] ?? "")].slice(0, column - 1).join("").length;
  return Math.min(text.length, before + inLine);
}

/** "Of the last 24 hours 4 would have come with a banner (11 without your rules)." */
export function trialWords({ run }: Trial): string {
  const all = run.tried.length;
  if (all === 0) return "Nothing happened in the last 24 hours.";
  const came = `${run.banners} would have come with a banner`;
  return `Of ${all} ${all === 1 ? "change" : "changes"} in the last 24 hours ${came} (${run.banners_usually} without your rules).`;
}

export interface Told {
  line: Line;
  class: Class;
  muted: boolean;
  /** Which line of the rules decided; null where none did. */
  rule: number | null;
  /** It is of another class than without the rules, or without a banner. */
  changed: boolean;
}

/** What became of each change: what a rule decided first. */
export function told({ lines, run }: Trial): Told[] {
  const all = run.tried.flatMap((tried, at): Told[] => {
    const line = lines[at];
    const changed = tried.muted || tried.class !== tried.usual;
    return line === undefined
      ? []
      : [{ line, class: tried.class, muted: tried.muted, rule: tried.rule, changed }];
  });
  return [...all.filter(({ rule }) => rule !== null), ...all.filter(({ rule }) => rule === null)];
}

/** The lines of a text that hold a rule, from 1, in the order of the hits that the core counts. */
export function ruleLines(text: string): { line: number; text: string }[] {
  return text.split("\n").flatMap((one, at) => {
    const rule = one.trim();
    return rule === "" || rule.startsWith("#") ? [] : [{ line: at + 1, text: rule }];
  });
}
