// What an issue's file has, read from the document as the core sends it. The document is a stranger's: anything may be
// missing or of another type.

interface Text {
  id: string;
  text: string;
}

const CUSTOM = "custom.";
const COMMENT = "comment:";

/** The value of a field, of `custom.…`, or the text of `comment:…`; null where the file has none. */
export function filedValue(issue: unknown, field: string): unknown {
  if (field.startsWith(COMMENT)) return filedComment(issue, field.slice(COMMENT.length));
  if (!field.startsWith(CUSTOM)) return member(issue, field);
  return member(member(issue, "custom"), field.slice(CUSTOM.length));
}

function filedComment(issue: unknown, id: string): string | null {
  const comments = member(issue, "comments");
  if (!Array.isArray(comments)) return null;
  const comment = (comments as Partial<Text>[]).find((one) => one?.id === id);
  return typeof comment?.text === "string" ? comment.text : null;
}

function member(of: unknown, name: string): unknown {
  if (typeof of !== "object" || of === null || !Object.hasOwn(of, name)) return null;
  return (of as Record<string, unknown>)[name] ?? null;
}
