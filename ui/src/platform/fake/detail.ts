// The detail of a sample issue: text as the server would have rendered it, comments, and a history with every event
// type that Kanbus has, one that it has not, and more than one page.
import type {
  Card,
  CommentHtml,
  EventEntry,
  HeardDetail,
  IssueDetail,
  IssueHtml,
  Legal,
} from "../../wire/generated";
import { Dice } from "./sample";
import { AGENTS, PEOPLE } from "./titles";

export const PAGE = 12;

const NO_MOVES: Legal = { statuses: [], types: [], parents: [] };

/** What the file says; `DESCRIPTION` is this, rendered. */
const TEXT = `A watcher on a file loses it when a writer renames a new file over it: the inode changes and the
watch stays on the old one. So the **directory** is watched, and names are matched afterwards.

### What has to hold

- The first event of a lull is handled at once.
- What follows within 5 ms is folded into *one* patch.
- On \`need_rescan\` the patrol compares \`(size, mtime, inode)\`.`;

const DESCRIPTION = `<p>A watcher on a file loses it when a writer renames a new file over it: the inode changes and the
watch stays on the old one. So the <strong>directory</strong> is watched, and names are matched afterwards.</p>
<h3>What has to hold</h3>
<ul><li>The first event of a lull is handled at once.</li><li>What follows within 5 ms is folded into <em>one</em> patch.</li>
<li>On <code>need_rescan</code> the patrol compares <code>(size, mtime, inode)</code>.</li></ul>
<pre><code>inotifywait -m project/issues
CLOSE_WRITE hsy-1.json.tmp
MOVED_TO    hsy-1.json</code></pre>
<blockquote><p>Never pause the watcher to hide one's own writes.</p></blockquote>
<p>See <a href="https://man7.org/linux/man-pages/man7/inotify.7.html">inotify(7)</a>, and what others measured:</p>
<table><thead><tr><th>disk</th><th>p50</th><th>p99</th></tr></thead><tbody><tr><td>ext4</td><td>0.45 ms</td><td>2.1 ms</td></tr>
<tr><td>overlayfs</td><td>0.61 ms</td><td>3.0 ms</td></tr></tbody></table>`;

const COMMENTS = [
  "<p>Tried it on <code>btrfs</code>: the rename arrives as one event there as well.</p>",
  "<p>Done on my branch. Two things are left:</p><ul><li>a test for a directory that is itself replaced</li><li>the message when the watch limit is reached</li></ul>",
  "<p>Looks good. I would keep the 5 ms, see the figures above.</p>",
];

type Payload = [type: string, payload: unknown];

const HISTORY: Payload[] = [
  ["comment_added", { comment_id: "c3", comment_author: "grace.hopper" }],
  ["state_transition", { from_status: "open", to_status: "in_progress" }],
  ["field_updated", { changes: { priority: { from: 3, to: 1 }, assignee: { from: null, to: "ada" } } }],
  ["coordination.claim", { owner: "codex-3", claim_id: "q1", ttl_s: 900 }],
  ["router.attempt", { state: "started", attempt_id: "a-17" }],
  ["dependency_added", { dependency_type: "blocked-by", target_id: "hsy-000000" }],
  ["field_updated", { changes: { title: { from: "Watch files", to: "Watch directories" } } }],
  ["comment_updated", { comment_id: "c1", comment_author: "linus", changed_fields: ["text"] }],
  ["router.result", { state: "completed" }],
  ["coordination.release", { owner: "codex-3", claim_id: "q1" }],
  ["issue_promoted", { from_location: "local", to_location: "shared" }],
  ["weather.changed", { sky: "clear" }],
  ["state_transition", { from_status: "backlog", to_status: "open" }],
  ["dependency_removed", { dependency_type: "relates-to", target_id: "hsy-111111" }],
  ["comment_deleted", { comment_id: "c0", comment_author: "ada" }],
];

export function sampleEvents(card: Card): EventEntry[] {
  const dice = new Dice(card.id.length + card.title.length);
  const newest = Date.parse(card.updated_at ?? "") || 0;
  const created = Date.parse(card.created_at ?? "") || 0;
  const step = Math.max(60_000, (newest - created) / (HISTORY.length + 2));
  const all: Payload[] = [
    ...HISTORY,
    ["issue_created", { title: card.title, status: "backlog", issue_type: card.type }],
  ];
  return all.map(([event_type, payload], index) => ({
    event_id: `${card.id}-${index}`,
    event_type,
    payload,
    occurred_at: new Date(newest - index * step).toISOString(),
    actor_id: dice.pick(PEOPLE),
    agent: dice.roll(3) === 0 ? dice.pick(AGENTS) : null,
  }));
}

/** What the file has where something else is heard. */
const IN_THE_FILE: Readonly<Record<string, unknown>> = {
  title: "Watch files instead of directories",
  status: "open",
  priority: 3,
  labels: ["overlay"],
  assignee: null,
  parent: null,
  description: "A watcher on a file loses it.",
  dependencies: [],
  comments: [],
  closed_at: null,
};

function heardDetail(card: Card, html: IssueHtml): HeardDetail | null {
  const { heard } = card;
  if (heard === null) return null;
  const now: Readonly<Record<string, unknown>> = {
    ...card,
    dependencies: card.blocked_by.map((target) => ({ target, type: "blocked-by" })),
  };
  const fields = heard.fields.map((field) => ({
    field,
    base: IN_THE_FILE[field] ?? null,
    heard: field === "description" ? "A watcher on a file…" : (now[field] ?? null),
  }));
  const [first, ...rest] = html.comments;
  const said: CommentHtml = {
    id: "heard",
    author: "ada",
    agent: heard.from,
    created_at: heard.at,
    html: "<p>Pushed to my clone: the directory is watched, and <code>MOVED_TO</code> is matched by name.</p>",
  };
  const edited =
    first === undefined ? [] : [{ ...first, html: `${first.html}<p>And on <code>zfs</code>.</p>` }];
  const comments = heard.fields.includes("comments") ? [...edited, ...rest.slice(0, 1), said] : html.comments;
  const description = heard.fields.includes("description")
    ? html.description.replace("5 ms is folded", "20 ms is folded")
    : html.description;
  return { at: heard.at, deleted: heard.deleted, from: heard.from, fields, html: { comments, description } };
}

/** What every new card has until its file says otherwise. */
export const NEW_CARD: Omit<Card, "id" | "key" | "title" | "rank"> = {
  kind: "card",
  project: "hearsay",
  source: "shared",
  type: "task",
  status: "open",
  priority: 2,
  assignee: null,
  parent: null,
  labels: [],
  created_at: null,
  updated_at: null,
  closed_at: null,
  comments: 0,
  content: "",
  blocked_by: [],
  children: { done: 0, total: 0 },
  stage: "written",
  heard: null,
  lease: null,
  by: null,
  notes: [],
};

/** What the file of a sample issue says that its card does not. */
export interface Rest {
  description: string;
  comments: { id: string; author: string; agent: string | null; created_at: string; text: string }[];
  dependencies: { target: string; type: string }[];
  custom: Record<string, unknown>;
}

export function sampleRest(card: Card): Rest {
  const texts = COMMENTS.slice(0, Math.min(card.comments, COMMENTS.length));
  return {
    description: TEXT,
    comments: texts.map((text, index) => ({
      id: `c${index}`,
      text,
      author: PEOPLE[index] ?? "ada",
      agent: index === 1 ? "codex-3" : null,
      created_at: new Date((Date.parse(card.updated_at ?? "") || 0) - index * 7_200_000).toISOString(),
    })),
    dependencies: card.blocked_by.map((target) => ({ target, type: "blocked-by" })),
    custom: { estimate: 3, reviewer: "grace.hopper" },
  };
}

function rendered(text: string): string {
  if (text === TEXT) return DESCRIPTION;
  const known = COMMENTS.includes(text);
  const escaped = text.replaceAll("&", "&amp;").replaceAll("<", "&lt;");
  return known
    ? text
    : escaped
        .split(/\n{2,}/)
        .map((part) => `<p>${part}</p>`)
        .join("");
}

export function sampleDetail(
  card: Card,
  rest: Rest = sampleRest(card),
  legal: Legal = NO_MOVES,
): IssueDetail {
  const events = sampleEvents(card);
  const html: IssueHtml = {
    description: rest.description === "" ? "" : rendered(rest.description),
    comments: rest.comments.map(({ text, ...comment }) => ({ ...comment, html: rendered(text) })),
  };
  return {
    base: card.content === "" ? null : card.content.padEnd(40, "0"),
    path: `project/issues/${card.id}.json`,
    heard: heardDetail(card, html),
    issue: {
      id: card.id,
      title: card.title,
      description: rest.description,
      type: card.type,
      status: card.status,
      priority: card.priority,
      assignee: card.assignee,
      creator: "ada",
      parent: card.parent,
      labels: card.labels,
      dependencies: rest.dependencies,
      comments: rest.comments,
      created_at: card.created_at,
      updated_at: card.updated_at,
      closed_at: card.closed_at,
      custom: rest.custom,
    },
    html,
    legal,
    events: events.slice(0, PAGE),
    events_next: events.length > PAGE ? String(PAGE) : null,
  };
}
