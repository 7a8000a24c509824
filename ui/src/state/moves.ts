// Where a card may go next, as its project's workflow has it: for drop targets, keys and menus.
// Whether the move is written is the core's to decide; it knows more (policies, hooks, what changed meanwhile).
import { compareBytes } from "../shared/order";
import type { Card, Meta, Move, ProjectMeta } from "../wire/generated";

export function projectOf(meta: Meta | null, label: string): ProjectMeta | undefined {
  return meta?.projects.find((project) => project.label === label);
}

/** In the order of the columns. A type that has no workflow of its own has the default one. */
export function legalMoves(meta: Meta | null, card: Card): Move[] {
  const project = projectOf(meta, card.project);
  if (project === undefined || card.status === null) return [];
  const { moves } = project;
  const own = card.type !== null && Object.hasOwn(moves, card.type) ? moves[card.type] : moves.default;
  const next = own !== undefined && Object.hasOwn(own, card.status) ? own[card.status] : [];
  return (next ?? []).filter((move) => move.status !== card.status);
}

/** The statuses that every one of these cards may come to. */
export function commonMoves(meta: Meta | null, cards: readonly Card[]): string[] {
  const columns = (meta?.columns ?? []).map((column) => column.key);
  const sets = cards.map(
    (card) => new Set([card.status, ...legalMoves(meta, card).map((move) => move.status)]),
  );
  return columns.filter((status) => sets.length > 0 && sets.every((set) => set.has(status)));
}

/** The legal status that is next to the card's own in the order of the columns. */
export function nextMove(meta: Meta | null, card: Card, by: 1 | -1): string | null {
  const order = (meta?.columns ?? []).map((column) => column.key);
  const own = order.indexOf(card.status ?? "");
  const at = legalMoves(meta, card)
    .map((move) => order.indexOf(move.status))
    .filter((place) => place >= 0 && (place - own) * by > 0)
    .sort((a, b) => (a - b) * by)[0];
  return at === undefined ? null : (order[at] ?? null);
}

/** Names that hold something on the board, for a picker. */
export function knownNames(cards: Iterable<Card>, of: (card: Card) => readonly (string | null)[]): string[] {
  const names = new Set<string>();
  for (const card of cards) for (const name of of(card)) if (name !== null) names.add(name);
  return [...names].sort(compareBytes);
}
