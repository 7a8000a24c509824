// Which columns the board has: those of the configuration in their order, then the statuses that no column has.
// Cards are not touched here, so that a patch costs what it changes. Whether a column is open is the person's and
// comes in as `overrides`.
import { compareBytes } from "../shared/order";
import type { Meta, Semantic } from "../wire/generated";
import type { LaneKey } from "./lanes";

export interface BoardColumn {
  /** Unique among columns; the status itself, except for cards without one. */
  id: string;
  status: LaneKey;
  title: string;
  color: string | null;
  semantic: Semantic | null;
  collapsed: boolean;
  /** Why the column is there though the configuration does not name it. */
  note: string | null;
}

const NO_STATUS = "\u0000none";

export function columnsOf(
  meta: Meta | null,
  statuses: Iterable<LaneKey>,
  overrides: Readonly<Record<string, boolean>>,
): BoardColumn[] {
  const configured = (meta?.columns ?? []).map((column): BoardColumn => ({
    id: column.key,
    status: column.key,
    title: column.name,
    color: column.color,
    semantic: column.semantic,
    collapsed: overrides[column.key] ?? column.collapsed,
    note: null,
  }));
  const known = new Set<LaneKey>(configured.map((column) => column.status));
  const extra = [...statuses].filter((status) => !known.has(status)).sort(byName);
  return [...configured, ...extra.map((status) => unconfigured(status, overrides))];
}

function byName(a: LaneKey, b: LaneKey): number {
  if (a === null) return b === null ? 0 : 1;
  return b === null ? -1 : compareBytes(a, b);
}

function unconfigured(status: LaneKey, overrides: Readonly<Record<string, boolean>>): BoardColumn {
  const id = status ?? NO_STATUS;
  return {
    id,
    status,
    title: status ?? "No status",
    color: null,
    semantic: null,
    collapsed: overrides[id] ?? false,
    note: status === null ? null : "not in .kanbus.yml",
  };
}
