// What of an issue is heard beyond its file, made ready to be shown beside what the file has.
// How it looks, and what a field's value is called, does not belong here.
// Invariants: what the file has is never left out because something else is heard; what is the same in both is shown once
// and not marked.
import { heardKind } from "../../state/heard";
import type { Card, CommentHtml, HeardDetail, HeardField } from "../../wire/generated";

/** Fields that have a place of their own in the details. */
const PLACED = new Set([
  "title",
  "description",
  "comments",
  "status",
  "type",
  "priority",
  "assignee",
  "labels",
  "parent",
]);

export interface Hearsay {
  /** By name; what the file has is known once the issue has been read. */
  fields: ReadonlyMap<string, HeardField | null>;
  /** Those that have no place of their own. */
  others: HeardField[];
}

const NOTHING: Hearsay = { fields: new Map(), others: [] };

/** Field by field, for an issue that has a file. What the card says stands until the whole issue has been read. */
export function hearsayOf(card: Card, detail: HeardDetail | null): Hearsay {
  if (card.heard === null || heardKind(card.heard) !== "fields") return NOTHING;
  const known = new Map((detail?.fields ?? []).map((field) => [field.field, field]));
  const fields = new Map(card.heard.fields.map((name) => [name, known.get(name) ?? null]));
  const others = [...fields].flatMap(([name, field]) => (field === null || PLACED.has(name) ? [] : [field]));
  return { fields, others };
}

export interface ShownComment {
  comment: CommentHtml;
  /** `heard` is not in the file, `gone` is heard to be deleted, `edited` is in the file with the text in `before`. */
  state: "same" | "heard" | "gone" | "edited";
  before: string | null;
}

/** The comments as they are heard, and those of the file that are heard to be gone in their old places. */
export function mergedComments(
  file: readonly CommentHtml[],
  heard: readonly CommentHtml[] | null,
): ShownComment[] {
  if (heard === null) return file.map((comment) => ({ comment, state: "same", before: null }));
  const left = new Set(file);
  const shown: ShownComment[] = heard.map((comment) => {
    const own = [...left].find((candidate) => isSame(candidate, comment));
    if (own === undefined) return { comment, state: "heard", before: null };
    left.delete(own);
    const edited = own.html !== comment.html;
    return { comment, state: edited ? "edited" : "same", before: edited ? own.html : null };
  });
  for (const comment of left)
    shown.splice(file.indexOf(comment), 0, { comment, state: "gone", before: null });
  return shown;
}

/** By id; older comments have none and are known by who wrote them when, and by what. */
function isSame(a: CommentHtml, b: CommentHtml): boolean {
  if (a.id !== null || b.id !== null) return a.id === b.id;
  return a.author === b.author && a.created_at === b.created_at && a.html === b.html;
}
