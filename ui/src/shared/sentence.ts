// The core's plain sentences, cut into text and code for showing. They start in lower case and mark code by backticks.
// Invariants: what is shown is what was said, only without backticks that pair up; nothing of it is ever taken as HTML.

export interface Part {
  code: boolean;
  text: string;
}

/** A first word of small letters only: a path, an id or a field's name keeps its spelling. */
const FIRST_WORD = /^\p{Ll}[\p{L}’']*(?=[\s,.]|$)/u;

export function sentenceParts(text: string): Part[] {
  const parts = text.split(/`([^`]+)`/).map((part, at) => ({ code: at % 2 === 1, text: part }));
  const [first] = parts;
  if (first !== undefined) first.text = capitalised(first.text);
  return parts.filter((part) => part.text !== "");
}

function capitalised(text: string): string {
  if (!FIRST_WORD.test(text)) return text;
  const [letter = ""] = text;
  return letter.toUpperCase() + text.slice(letter.length);
}
