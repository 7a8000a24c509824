// A deterministic sample board: every stage, notes, problems, statuses and types that no configuration names.
// How the sample changes over time does not belong here; see script.ts.
// Invariant: the same size gives the same board, to the byte, so that screenshots and tests can be compared.
import type { Card, Meta, Move, Note, Problem, ProjectMeta, Stage, Unit } from "../../wire/generated";
import { AGENTS, EPICS, LABELS, PEOPLE, TITLES } from "./titles";

export const REPOSITORY = { name: "hearsay", path: "/home/ada/src/hearsay" };
/** The sample's own now, counted from the start of the page so that ages look lived in. */
const HOUR = 3_600_000;

function move(status: string, label: string | null = null): Move {
  return { status, label };
}

export class Dice {
  #state: number;

  constructor(seed: number) {
    this.#state = seed >>> 0;
  }

  /** A whole number below `sides` (mulberry32). */
  roll(sides: number): number {
    this.#state = (this.#state + 0x6d2b79f5) >>> 0;
    let t = this.#state;
    t = Math.imul(t ^ (t >>> 15), t | 1);
    t ^= t + Math.imul(t ^ (t >>> 7), t | 61);
    return ((t ^ (t >>> 14)) >>> 0) % sides;
  }

  pick<T>(from: readonly T[]): T {
    return from[this.roll(from.length)] as T;
  }
}

const MOVES: Record<string, Move[]> = {
  backlog: [move("open"), move("closed", "Drop")],
  open: [move("backlog"), move("in_progress", "Start"), move("deferred")],
  in_progress: [move("open"), move("blocked"), move("closed", "Finish")],
  blocked: [move("open"), move("in_progress", "Resume")],
  closed: [move("open", "Reopen")],
  deferred: [move("backlog"), move("open")],
};

const PROJECT: ProjectMeta = {
  label: "hearsay",
  name: "hearsay",
  initial: { status: "open", priority: 2 },
  below: {
    initiative: ["epic"],
    epic: ["task", "bug", "story", "chore"],
    task: ["sub-task", "bug", "story", "chore"],
  },
  moves: { default: MOVES, epic: { open: [move("in_progress")], in_progress: [move("closed")] } },
};

export const META: Meta = {
  kind: "meta",
  name: "hearsay",
  columns: [
    { key: "backlog", name: "Backlog", category: "To do", collapsed: true, color: "grey", semantic: "todo" },
    { key: "open", name: "Ready", category: "To do", collapsed: false, color: "grey", semantic: "todo" },
    {
      key: "in_progress",
      name: "In progress",
      category: "In progress",
      collapsed: false,
      color: "blue",
      semantic: "in_progress",
    },
    {
      key: "blocked",
      name: "Blocked",
      category: "In progress",
      collapsed: false,
      color: "red",
      semantic: "in_progress",
    },
    { key: "closed", name: "Done", category: "Done", collapsed: false, color: "green", semantic: "done" },
    { key: "deferred", name: "Deferred", category: "To do", collapsed: true, color: null, semantic: "todo" },
  ],
  priorities: [
    { value: 0, name: "critical", color: "red" },
    { value: 1, name: "high", color: "bright_red" },
    { value: 2, name: "medium", color: "yellow" },
    { value: 3, name: "low", color: "blue" },
    { value: 4, name: "trivial", color: "white" },
  ],
  projects: [PROJECT],
  types: [
    { key: "initiative", level: 0, color: "bright_blue" },
    { key: "epic", level: 1, color: "magenta" },
    { key: "task", level: 2, color: "blue" },
    { key: "sub-task", level: 3, color: "bright_cyan" },
    { key: "bug", level: null, color: "red" },
    { key: "story", level: null, color: "yellow" },
    { key: "chore", level: null, color: "green" },
  ],
};

export const PROBLEMS: Problem[] = [
  {
    kind: "problem",
    code: "conflict_markers",
    severity: "error",
    path: "project/issues/hsy-7d31c0aa.json",
    line: 14,
    column: 1,
    message: "The file holds conflict markers of a merge.",
    hint: "Resolve the conflict in this file; the card shows the committed version until then.",
  },
  {
    kind: "problem",
    code: "config_keys",
    severity: "warning",
    path: ".kanbus.yml",
    line: 61,
    column: 3,
    message: "the keys `external_projects` and `short_id_length` are not understood",
    hint: null,
  },
];

const STATUSES: (string | null)[] = [
  "open",
  "in_progress",
  "closed",
  "open",
  "backlog",
  "in_progress",
  "blocked",
  "closed",
  "deferred",
  "open",
];
const TYPES = ["task", "task", "bug", "story", "task", "chore", "sub-task", "bug"];

function hex(dice: Dice): string {
  return dice.roll(0x1000000).toString(16).padStart(6, "0");
}

/** The digits that stand for what a file holds, as the core would send them; every `revision` has others. */
export function contentOf(id: string, revision: string): string {
  let seed = 0;
  for (const letter of id + revision) seed = Math.imul(seed, 31) + letter.charCodeAt(0);
  const dice = new Dice(seed);
  return hex(dice) + hex(dice);
}

function note(dice: Dice, index: number): Note[] {
  if (index % 13 !== 5) return [];
  const missing: Note = {
    code: "missing_dependency",
    message: "It depends on hsy-000000, which does not exist.",
  };
  const wrong: Note = { code: "wrong_type", message: "labels: expected a list, found a string." };
  return dice.roll(2) === 0 ? [missing] : [missing, wrong];
}

function stageOf(index: number): Stage {
  if (index % 29 === 7) return "unreadable";
  if (index % 17 === 3) return "heard";
  return index % 5 === 1 ? "written" : "committed";
}

function statusOf(dice: Dice, index: number): string | null {
  if (index === 20) return null;
  if (index === 31 || index === 44) return "needs-triage";
  return dice.pick(STATUSES);
}

/** `n` cards; the first few are the epics that the others belong to. */
export function sampleCards(n: number, now: number): Card[] {
  const dice = new Dice(7);
  const cards: Card[] = [];
  for (let index = 0; index < n; index++) cards.push(sampleCard(dice, index, cards, now));
  for (const card of cards) {
    const own = cards.length > 500 ? [] : cards.filter((other) => other.parent === card.id);
    card.children = { total: own.length, done: own.filter((other) => other.status === "closed").length };
  }
  return cards;
}

function sampleCard(dice: Dice, index: number, before: readonly Card[], now: number): Card {
  const epic = index < EPICS.length;
  const id = `hsy-${hex(dice)}${hex(dice)}`;
  const status = epic ? "in_progress" : statusOf(dice, index);
  const created = now - (200 + dice.roll(2000)) * HOUR;
  const updated = now - dice.roll(150) * HOUR - dice.roll(3_000_000) - 40_000;
  const stage = epic ? "committed" : stageOf(index);
  const agent = dice.roll(3) === 0 ? dice.pick(AGENTS) : null;
  const parent = epic || dice.roll(4) === 0 ? null : (before[dice.roll(EPICS.length)]?.id ?? null);
  const round = Math.floor((index - EPICS.length) / TITLES.length);
  const title = epic ? EPICS[index] : TITLES[(index - EPICS.length) % TITLES.length];
  const blocked = !epic && (status === "blocked" || dice.roll(12) === 0);
  return {
    kind: "card",
    id,
    key: id.slice(0, 10),
    project: "hearsay",
    source: !epic && index % 11 === 9 ? "local" : "shared",
    title: round > 0 ? `${title} (${round + 1})` : (title ?? ""),
    type: epic ? "epic" : index === 23 ? "spike" : dice.pick(TYPES),
    status,
    priority: index === 37 ? null : ([2, 1, 2, 3, 2, 0, 4, 3][dice.roll(8)] ?? 2),
    assignee: dice.roll(3) === 0 ? null : dice.pick(PEOPLE),
    parent,
    labels: labelsOf(dice),
    created_at: new Date(created).toISOString(),
    updated_at: new Date(Math.max(created, updated)).toISOString(),
    closed_at: status === "closed" ? new Date(updated).toISOString() : null,
    comments: dice.roll(3) === 0 ? dice.roll(9) : 0,
    content: contentOf(id, ""),
    blocked_by: blocked && before.length > 0 ? [(before[dice.roll(before.length)] as Card).id] : [],
    children: { done: 0, total: 0 },
    rank: new Date(created).toISOString(),
    stage,
    heard:
      stage === "heard"
        ? { at: new Date(now - 12_000).toISOString(), deleted: false, fields: ["status"], from: "codex-3" }
        : null,
    lease: null,
    by:
      agent === null
        ? { name: dice.pick(PEOPLE), agent: null, trail: "" }
        : { name: "ada", agent, trail: "" },
    notes: note(dice, index),
  };
}

function labelsOf(dice: Dice): string[] {
  const labels = new Set<string>();
  for (let i = dice.roll(4); i > 0; i--) labels.add(dice.pick(LABELS));
  return [...labels];
}

export function sampleBoard(n: number, now: number): Record<string, Unit> {
  const board: Record<string, Unit> = { meta: META };
  board.git = { kind: "git", branch: "feat/one-queue-in", head: "9f2c1e07", operation: null };
  for (const problem of PROBLEMS) board[`problem:${problem.path}`] = problem;
  for (const card of sampleCards(n, now)) board[`card:${card.id}`] = card;
  return board;
}
