// What happens on the sample board when it is alive: one small change at a time, in a fixed order.
// Invariant: every step is a pure function of the board and the step's number.
import type { Card, Problem, Unit } from "../../wire/generated";
import { contentOf } from "./sample";
import { AGENTS } from "./titles";

export interface Step {
  set: Record<string, Unit>;
  del: string[];
}

const FLOW = ["backlog", "open", "in_progress", "closed"];
const BROKEN: Problem = {
  kind: "problem",
  code: "unreadable",
  severity: "error",
  path: "project/issues/hsy-5e1f00d2.json",
  line: 3,
  column: 18,
  message: "The file ends in the middle of a string.",
  hint: "Another program may still be writing it; it is read again as soon as it changes.",
};

export function step(board: Record<string, Unit>, number: number, now: number): Step {
  const cards = Object.entries(board).filter((entry): entry is [string, Card] => entry[1].kind === "card");
  const at = (number * 7919) % Math.max(cards.length, 1);
  const entry = cards[at];
  const problem = `problem:${BROKEN.path}`;
  if (number % 9 === 8)
    return problem in board ? { set: {}, del: [problem] } : { set: { [problem]: BROKEN }, del: [] };
  if (entry === undefined) return { set: {}, del: [] };
  const [key, card] = entry;
  return { set: { [key]: touched(card, number, now) }, del: [] };
}

/** By turns: another status, a comment, another priority, a commit of what is there, and an edit of the text alone. */
function touched(card: Card, number: number, now: number): Card {
  const turn = number % 5;
  if (turn === 3) return { ...card, stage: "committed", heard: null };
  const content = contentOf(card.id, card.content);
  if (turn === 4) return { ...card, content, stage: "written", heard: null };
  const stamped: Card = {
    ...card,
    content,
    updated_at: new Date(now).toISOString(),
    stage: "written",
    heard: null,
    by: { name: "ada", agent: AGENTS[number % AGENTS.length] ?? null, trail: String(number) },
  };
  if (turn === 1) return { ...stamped, comments: card.comments + 1 };
  if (turn === 2) return { ...stamped, priority: ((card.priority ?? 2) + 1) % 5 };
  const next = FLOW[(FLOW.indexOf(card.status ?? "") + 1) % FLOW.length] ?? "open";
  return { ...stamped, status: next, closed_at: next === "closed" ? stamped.updated_at : null };
}
