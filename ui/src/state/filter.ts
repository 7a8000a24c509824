// What the filter box means: every word must occur in the title, key, id, assignee, a label or the status of a card.
// How the box looks, and which cards are hidden at the moment, do not belong here.
import type { Card } from "../wire/generated";
import type { Filter } from "./lanes";

/** Null where the text asks for nothing, so that callers need no walk over the cards. */
export function filterFor(text: string, statusName: (status: string) => string): Filter | null {
  const words = text.toLowerCase().split(/\s+/).filter(Boolean);
  if (words.length === 0) return null;
  return (card) => {
    const hay = haystack(card, statusName);
    return words.every((word) => hay.includes(word));
  };
}

function haystack(card: Card, statusName: (status: string) => string): string {
  const status = card.status === null ? "" : `${card.status}\n${statusName(card.status)}`;
  return [card.title, card.key, card.id, card.assignee ?? "", ...card.labels, status]
    .join("\n")
    .toLowerCase();
}
