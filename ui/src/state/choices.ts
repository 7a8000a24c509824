// What a field of an issue can be changed to, as lines of a picker.
// Invariant: only what the core calls legal is offered; where it has not said yet, what the workflow on the board says.
import type { Option } from "../shared/Picker.svelte";
import type { Board } from "./board";
import { knownNames, legalMoves } from "./moves";
import type { Card, Legal, Meta } from "../wire/generated";

/** Stands for none where a picker needs a word. No name is a single blank. */
export const NOBODY = " ";

export function statusOptions(meta: Meta | null, card: Card, legal: Legal | null): Option[] {
  const moves = legal?.statuses ?? legalMoves(meta, card);
  return moves.flatMap(({ status, label }) => {
    const name = meta?.columns.find((column) => column.key === status)?.name ?? status;
    return status === card.status ? [] : [{ value: status, label: name, note: label ?? undefined }];
  });
}

export function typeOptions(card: Card, legal: Legal | null): Option[] {
  const others = (legal?.types ?? []).map((type) => ({ value: type, label: type }));
  return card.type === null ? others : [{ value: card.type, label: card.type, chosen: true }, ...others];
}

export function priorityOptions(meta: Meta | null, card: Card | null): Option[] {
  return (meta?.priorities ?? []).map(({ value, name }) => ({
    value: String(value),
    label: name,
    chosen: card?.priority === value,
  }));
}

export function assigneeOptions(board: Board, card: Card | null): Option[] {
  const cards = [...board.cards()].map((placed) => placed.card);
  const names = knownNames(cards, (one) => [one.assignee]);
  const known = names.map((name) => ({ value: name, label: name, chosen: name === card?.assignee }));
  return [{ value: NOBODY, label: "Nobody", chosen: card !== null && card.assignee === null }, ...known];
}

export function parentOptions(board: Board, card: Card, legal: Legal | null): Option[] {
  const none = card.parent === null ? [] : [{ value: NOBODY, label: "No parent" }];
  const others = (legal?.parents ?? []).flatMap((id) => {
    const placed = board.byId(id);
    return placed === undefined
      ? []
      : [{ value: id, label: placed.card.title || "Untitled", note: placed.card.key }];
  });
  return [...none, ...others];
}
