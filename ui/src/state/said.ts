// What the person did, in the past and in a few words: for the line that offers to take it back.
// What others did is told by an issue's history.
import type { Card, Meta } from "../wire/generated";

function named(value: unknown): string {
  return typeof value === "string" && value !== "" ? value : "nothing";
}

/** "Moved hsy-12 to Done". */
export function saidOf(meta: Meta | null, card: Card, field: string, value: unknown): string {
  const { key } = card;
  switch (field) {
    case "status":
      return `Moved ${key} to ${meta?.columns.find((column) => column.key === value)?.name ?? named(value)}`;
    case "priority":
      return `Set ${key} to ${meta?.priorities.find((one) => one.value === value)?.name ?? String(value)} priority`;
    case "assignee":
      return value === null ? `Unassigned ${key}` : `Assigned ${key} to ${named(value)}`;
    case "type":
      return `Made ${key} a ${named(value)}`;
    case "parent":
      return value === null ? `Took ${key} from its parent` : `Gave ${key} another parent`;
    default:
      return `Changed the ${field.replace(/^custom\./, "")} of ${key}`;
  }
}

export function saidOfLabels(card: Card, add: readonly string[], remove: readonly string[]): string {
  if (remove.length === 0) return `Labelled ${card.key} ${add.join(", ")}`;
  return `Took ${remove.join(", ")} from ${card.key}`;
}
