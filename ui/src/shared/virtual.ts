// Which rows of a list of equal heights are in sight.
// Only arithmetic: who scrolls and what a row is do not belong here.

export interface Sight {
  first: number;
  /** One past the last row. */
  end: number;
}

export function inSight(top: number, height: number, row: number, count: number, margin = 4): Sight {
  const first = Math.max(0, Math.floor(top / row) - margin);
  const end = Math.min(count, Math.ceil((top + height) / row) + margin);
  return { first: Math.min(first, end), end };
}

/** The scroll position that brings a row fully into sight with the smallest move. */
export function reveal(index: number, top: number, height: number, row: number, padding = 0): number {
  const start = index * row;
  if (start - padding < top) return Math.max(0, start - padding);
  const wanted = start + row + padding - height;
  return wanted > top ? wanted : top;
}
