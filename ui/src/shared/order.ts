// The order of strings by their UTF-8 bytes, which is the order the core sorts ranks in.
// JavaScript compares UTF-16 code units; the two differ where a surrogate pair meets U+E000 to U+FFFF.

/** Moves surrogates above the rest of the basic plane, as their code points are. */
function lifted(unit: number): number {
  if (unit < 0xd800) return unit;
  return unit >= 0xe000 ? unit - 0x800 : unit + 0x2000;
}

export function compareBytes(a: string, b: string): number {
  if (a === b) return 0;
  const shorter = Math.min(a.length, b.length);
  for (let i = 0; i < shorter; i++) {
    const x = a.charCodeAt(i);
    const y = b.charCodeAt(i);
    if (x !== y) return lifted(x) - lifted(y);
  }
  return a.length - b.length;
}
