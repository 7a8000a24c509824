// A first look at Markdown while it is written: blocks and a few inline marks, as plain data. What is shown once it is saved
// is what the core renders and sanitises; this is no renderer and makes no HTML.
// Invariant: every word that was typed is shown; what is not understood stays as it was typed.

export interface Inline {
  kind: "text" | "code" | "strong" | "em" | "link";
  text: string;
}

export type Block =
  | { kind: "heading" | "paragraph" | "quote"; inline: Inline[] }
  | { kind: "list"; ordered: boolean; items: Inline[][] }
  | { kind: "code"; text: string }
  | { kind: "rule" };

const BULLET = /^\s*(?:[-*+]|(\d+)[.)])\s+/;
const MARKS = /(`[^`\n]+`|\*\*[^*\n]+\*\*|\*[^*\s][^*\n]*\*|\[[^\]\n]+\]\([^)\s]+\))/;

export function inlineOf(text: string): Inline[] {
  return text
    .split(MARKS)
    .map((part, at): Inline => (at % 2 === 0 ? { kind: "text", text: part } : marked(part)))
    .filter((part) => part.text !== "");
}

function marked(part: string): Inline {
  if (part.startsWith("`")) return { kind: "code", text: part.slice(1, -1) };
  if (part.startsWith("**")) return { kind: "strong", text: part.slice(2, -2) };
  if (part.startsWith("*")) return { kind: "em", text: part.slice(1, -1) };
  return { kind: "link", text: part.slice(1, part.indexOf("](")) };
}

export function blocksOf(source: string): Block[] {
  const blocks: Block[] = [];
  const lines = source.replaceAll("\r\n", "\n").split("\n");
  for (let at = 0; at < lines.length;) {
    const [block, next] = blockAt(lines, at);
    if (block !== null) blocks.push(block);
    at = next;
  }
  return blocks;
}

function blockAt(lines: readonly string[], at: number): [Block | null, number] {
  const line = lines[at] ?? "";
  if (line.trim() === "") return [null, at + 1];
  const fence = /^\s*(```+|~~~+)/.exec(line)?.[1];
  if (fence !== undefined) {
    const end = lines.findIndex((other, index) => index > at && other.trim().startsWith(fence));
    const last = end < 0 ? lines.length : end;
    return [{ kind: "code", text: lines.slice(at + 1, last).join("\n") }, last + 1];
  }
  if (/^\s*([-*_])(\s*\1){2,}\s*$/.test(line)) return [{ kind: "rule" }, at + 1];
  const heading = /^#{1,6}\s+(.*)$/.exec(line)?.[1];
  if (heading !== undefined) return [{ kind: "heading", inline: inlineOf(heading) }, at + 1];
  if (BULLET.test(line)) return listAt(lines, at);
  const quoted = line.startsWith(">");
  const end = upTo(lines, at, (other) => other.startsWith(">") === quoted);
  const text = lines.slice(at, end).map((part) => (quoted ? part.replace(/^>\s?/, "") : part));
  return [{ kind: quoted ? "quote" : "paragraph", inline: inlineOf(text.join("\n")) }, end];
}

function listAt(lines: readonly string[], at: number): [Block, number] {
  const end = upTo(lines, at, (line) => BULLET.test(line) || /^\s+/.test(line));
  const items: string[] = [];
  for (const line of lines.slice(at, end)) {
    if (BULLET.test(line)) items.push(line.replace(BULLET, ""));
    else items.push(`${items.pop() ?? ""} ${line.trim()}`);
  }
  const ordered = BULLET.exec(lines[at] ?? "")?.[1] !== undefined;
  return [{ kind: "list", ordered, items: items.map(inlineOf) }, end];
}

/** The first line after `at` that is blank, begins something else, or does not belong. */
function upTo(lines: readonly string[], at: number, belongs: (line: string) => boolean): number {
  let end = at + 1;
  while (end < lines.length) {
    const line = lines[end] ?? "";
    if (line.trim() === "" || /^(#{1,6}\s|\s*(```|~~~))/.test(line) || !belongs(line)) break;
    end += 1;
  }
  return end;
}
