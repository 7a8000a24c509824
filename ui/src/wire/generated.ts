// Generated from Rust by ts-rs (`cargo xtask types`); do not edit.

export type Source = "shared" | "local";

export type Stage = "heard" | "written" | "committed" | "unreadable";

export type By = { 
/**
 * The agent's name or platform, where the event names one.
 */
agent: string | null, 
/**
 * The event's `actor_id`.
 */
name: string, 
/**
 * Changes whenever one of the newest events of the issue comes or goes, so that whoever shows its history knows
 * to ask again: Kanbus writes an event after the issue that it is about.
 */
trail: string, };

export type Children = { 
/**
 * Children whose status counts as done.
 */
done: number, 
/**
 * All children.
 */
total: number, };

export type Heard = { 
/**
 * When it was heard.
 */
at: string, 
/**
 * Whether it was heard deleted.
 */
deleted: boolean, 
/**
 * Which fields differ from the file.
 */
fields: Array<string>, 
/**
 * Who, as far as what is heard tells.
 */
from: string | null, };

export type Lease = { 
/**
 * Until when.
 */
expires_at: string, 
/**
 * Who.
 */
owner: string, };

export type NoteCode = "unknown_status" | "unknown_type" | "unknown_priority" | "missing_field" | "wrong_type" | "id_mismatch" | "duplicate_id" | "missing_parent" | "parent_cycle" | "missing_dependency" | "unknown_dependency" | "kanbus_refuses";

export type Note = { 
/**
 * What kind of oddity.
 */
code: NoteCode, 
/**
 * One sentence for the person.
 */
message: string, };

export type CardKind = "card";

export type Card = { 
/**
 * Who holds the issue, as the file says.
 */
assignee: string | null, 
/**
 * Ids of `blocked-by` targets that are still open.
 */
blocked_by: Array<string>, 
/**
 * Who changed it last, if one of the newest event files says so.
 */
by: By | null, 
/**
 * Direct children, and how many of them are done.
 */
children: Children, 
/**
 * When it was closed, as the file says.
 */
closed_at: string | null, 
/**
 * How many comments it has.
 */
comments: number, 
/**
 * Changes whenever anything in the file does, so that whoever shows the whole issue knows to ask again: the
 * first digits of the Git blob id.
 */
content: string, 
/**
 * When it was created, as the file says.
 */
created_at: string | null, 
/**
 * What gossip says beyond the file.
 */
heard: Heard | null, 
/**
 * The full id: the stem of the file's name.
 */
id: string, 
/**
 * Kanbus's short form of the id.
 */
key: string, 
/**
 * Always `card`.
 */
kind: CardKind, 
/**
 * Labels in the file's order.
 */
labels: Array<string>, 
/**
 * Who is at work on it, as leases tell; one that ran out stays a while.
 */
lease: Lease | null, 
/**
 * What is odd about the issue, in words, each with a machine-readable code.
 */
notes: Array<Note>, 
/**
 * The parent's id, whether or not there is such an issue.
 */
parent: string | null, 
/**
 * The priority, as configured in `meta`.
 */
priority: number | null, 
/**
 * The label of the project it belongs to.
 */
project: string, 
/**
 * Sorts the card bytewise within its column.
 */
rank: string, 
/**
 * Shared or local.
 */
source: Source, 
/**
 * How far its newest change has come.
 */
stage: Stage, 
/**
 * The status key, configured or not.
 */
status: string | null, 
/**
 * The title; empty where the file has none.
 */
title: string, 
/**
 * The issue type, configured or not.
 */
type: string | null, 
/**
 * When it changed last, as the file says.
 */
updated_at: string | null, };

export type Semantic = "todo" | "in_progress" | "done";

export type Column = { 
/**
 * The category's name, if any.
 */
category: string | null, 
/**
 * Whether it starts collapsed.
 */
collapsed: boolean, 
/**
 * The colour's name as configured, if any; the category's where the status has none.
 */
color: string | null, 
/**
 * The status key.
 */
key: string, 
/**
 * The name to show.
 */
name: string, 
/**
 * Not started, under way or finished.
 */
semantic: Semantic, };

export type Priority = { 
/**
 * The colour's name as configured, if any.
 */
color: string | null, 
/**
 * The name to show.
 */
name: string, 
/**
 * The number that issues hold; lower is more urgent.
 */
value: number, };

export type Move = { 
/**
 * What the move is called, if the configuration says so.
 */
label: string | null, 
/**
 * The status key.
 */
status: string, };

export type Initial = { 
/**
 * Its priority.
 */
priority: number, 
/**
 * Its status.
 */
status: string, };

export type ProjectMeta = { 
/**
 * Which types may stand below which, by the parent's type.
 */
below: { [key in string]: Array<string> }, 
/**
 * What a new issue begins with.
 */
initial: Initial, 
/**
 * The project's label, unique on the board.
 */
label: string, 
/**
 * By type and status, the statuses that an issue may come to next, with what that is called. A type that is not
 * there has those of `default`.
 */
moves: { [key in string]: { [key in string]: Array<Move> } }, 
/**
 * The name to show.
 */
name: string, };

export type IssueType = { 
/**
 * The colour's name as configured, if any.
 */
color: string | null, 
/**
 * The name that issues hold.
 */
key: string, 
/**
 * How far down the hierarchy it stands, 0 the top; null outside of it.
 */
level: number | null, };

export type MetaKind = "meta";

export type Meta = { 
/**
 * One a configured status, in configuration order.
 */
columns: Array<Column>, 
/**
 * Always `meta`.
 */
kind: MetaKind, 
/**
 * The board's name.
 */
name: string, 
/**
 * Configured priorities, ascending.
 */
priorities: Array<Priority>, 
/**
 * Projects on the board, by label.
 */
projects: Array<ProjectMeta>, 
/**
 * Configured types: the hierarchy first, then the rest.
 */
types: Array<IssueType>, };

export type GitKind = "git";

export type GitState = { 
/**
 * The branch that is checked out; null when HEAD is detached.
 */
branch: string | null, 
/**
 * The commit at HEAD; null on a branch without commits.
 */
head: string | null, 
/**
 * Always `git`.
 */
kind: GitKind, 
/**
 * An operation under way: `merge`, `rebase`, `cherry_pick`, `revert`, `bisect`, `apply`.
 */
operation: string | null, };

export type ProblemCode = "unreadable" | "too_large" | "permission" | "outside" | "not_a_file" | "conflict_markers" | "identity" | "config" | "config_keys" | "missing" | "git" | "overlay" | "io";

export type Severity = "error" | "warning";

export type ProblemKind = "problem";

export type Problem = { 
/**
 * What kind of problem.
 */
code: ProblemCode, 
/**
 * The column, counted from 1, where it is known.
 */
column: number | null, 
/**
 * What to do about it, if there is something.
 */
hint: string | null, 
/**
 * Always `problem`.
 */
kind: ProblemKind, 
/**
 * The line, counted from 1, where it is known.
 */
line: number | null, 
/**
 * What is wrong, in one sentence.
 */
message: string, 
/**
 * The path it is about, relative to the working tree.
 */
path: string, 
/**
 * Whether something is missing from the board because of it.
 */
severity: Severity, };

export type WatchMode = "native" | "polling" | "blind";

export type Watch = { 
/**
 * Why it is not as it should be.
 */
message: string | null, 
/**
 * How.
 */
mode: WatchMode, 
/**
 * Since when, RFC 3339.
 */
since: string, };

export type LinkState = "connecting" | "listening" | "lost" | "off";

export type WayKind = "uds" | "mqtt";

export type Way = { 
/**
 * The socket or the broker, without credentials.
 */
endpoint: string, 
/**
 * Whether this process is the host of the local bus.
 */
hosting: boolean, 
/**
 * Which.
 */
kind: WayKind, 
/**
 * Why it is not as it should be.
 */
message: string | null, 
/**
 * Since when, RFC 3339.
 */
since: string, 
/**
 * How it is.
 */
state: LinkState, };

export type Lag = { 
/**
 * Half of them were not later.
 */
p50_ms: number, 
/**
 * Nineteen of twenty were not later.
 */
p95_ms: number, };

export type Link = { 
/**
 * How late the newest of what was heard came, by the senders' clocks; null where nothing was.
 */
lag: Lag | null, 
/**
 * When something was heard last, RFC 3339.
 */
last_heard: string | null, 
/**
 * Why it is not as it should be.
 */
message: string | null, 
/**
 * How many envelopes were refused because of what they hold.
 */
refused: number, 
/**
 * Since when it is so, RFC 3339.
 */
since: string, 
/**
 * How it is altogether.
 */
state: LinkState, 
/**
 * One a bus, the local one first.
 */
ways: Array<Way>, };

export type AskKind = "broker" | "socket" | "autostart" | "credentials" | "topic" | "blocking_hook" | "hook";

export type Ask = { 
/**
 * The file that asks, relative to the working tree.
 */
from: string, 
/**
 * What kind of thing.
 */
kind: AskKind, 
/**
 * What it is: an address, a path, a command line. What a person would not see in it is escaped.
 */
what: string, };

export type Trust = { 
/**
 * What exactly.
 */
asks: Array<Ask>, 
/**
 * Tells this set of asks from any other; trusting names it.
 */
digest: string, 
/**
 * Whether the person has agreed to exactly this.
 */
trusted: boolean, };

export type Rung = "event" | "comment" | "lease" | "attempt" | "actor" | "nobody";

export type Sure = "said" | "inferred" | "unknown";

export type Attribution = { 
/**
 * Their name; `None` where nobody is named.
 */
who: string | null, 
/**
 * Which rung of the ladder told.
 */
rung: Rung, 
/**
 * How sure that is.
 */
sure: Sure, };

export type Kind = "created" | "moved" | "assigned" | "priority" | "commented" | "mentioned" | "dependency" | "deleted" | "edited" | "blocked" | "conflict" | "unreadable" | "awaiting_reply" | "leased";

export type Comment = { 
/**
 * The agent that it names.
 */
agent: string | null, 
/**
 * Who says it.
 */
author: string | null, 
/**
 * Its id; older files have none.
 */
id: string | null, 
/**
 * Whether it calls this person by name.
 */
mentions_me: boolean, 
/**
 * How it begins, in one line.
 */
text: string | null, };

export type Told = "heard" | "written" | "event" | "here";

export type Reached = "elsewhere" | "review" | "done";

export type Obstacle = { "status": { from: string | null, to: string, } } | { "issue": string };

export type What = { "kind": "created", top: boolean, mentions_me: boolean, } | { "kind": "moved", from: string | null, to: string | null, reached: Reached, } | { "kind": "assigned", from: string | null, to: string | null, } | { "kind": "priority", from: number | null, to: number | null, top: boolean, } | { "kind": "commented", comment: Comment, } | { "kind": "mentioned", comment: Comment | null, } | { "kind": "dependency", added: boolean, dependency_type: string, target: string, } | { "kind": "deleted" } | { "kind": "edited", fields: Array<string>, } | { "kind": "blocked", by: Obstacle, } | { "kind": "conflict", fields: Array<string>, } | { "kind": "unreadable", path: string, message: string, } | { "kind": "awaiting_reply", agent: string | null, question: string | null, } | { "kind": "leased", owner: string | null, };

export type Subject = { 
/**
 * Who holds it.
 */
assignee: string | null, 
/**
 * The key of its card, without `card:`: what to open.
 */
card: string, 
/**
 * The epic that it is part of, by id; itself where it is one.
 */
epic: string | null, 
/**
 * The full id.
 */
id: string, 
/**
 * Its type.
 */
type: string | null, 
/**
 * Its labels.
 */
labels: Array<string>, 
/**
 * Its parent's id.
 */
parent: string | null, 
/**
 * Its priority.
 */
priority: number | null, 
/**
 * The label of its project.
 */
project: string, 
/**
 * Shared or local.
 */
source: Source, 
/**
 * Its status.
 */
status: string | null, 
/**
 * Its title.
 */
title: string, };

export type Change = { 
/**
 * When it became known, by this machine's clock.
 */
at: string, 
/**
 * Who did it.
 */
by: Attribution, 
/**
 * The event that tells it, or that an envelope names.
 */
event_id: string | null, 
/**
 * The issue.
 */
subject: Subject, 
/**
 * How it became known.
 */
told: Told, 
/**
 * What happened.
 */
what: What, };

export type Class = "feed" | "inbox" | "notice" | "interrupt";

export type Hushed = "rule" | "muted" | "snoozed" | "paused" | "do_not_disturb" | "quiet_hours" | "seen";

export type About = { "issue": { 
/**
 * The label of its project.
 */
project: string, 
/**
 * Its id.
 */
id: string, } } | "many";

export type Line = { 
/**
 * What it is about.
 */
about: About, 
/**
 * Whether an agent did it.
 */
agent: boolean, 
/**
 * When it became known.
 */
at: string, 
/**
 * The card to open, without `card:`.
 */
card: string | null, 
/**
 * Its class.
 */
class: Class, 
/**
 * What more there is to say: the issue's title, mostly.
 */
detail: string, 
/**
 * The epic that the issue is part of.
 */
epic: string | null, 
/**
 * The kind of change; `None` for many at once.
 */
kind: Kind | null, 
/**
 * Who did what to which issue.
 */
said: string, 
/**
 * How sure it is who did it.
 */
sure: Sure, 
/**
 * Who did it, where somebody is named.
 */
who: string | null, };

export type Muted = { "agent": string } | { "issue": { 
/**
 * The label of its project.
 */
project: string, 
/**
 * Its id.
 */
id: string, } } | { "epic": string } | { "repository": string } | { "kind": Kind };

export type Mute = { 
/**
 * Of what.
 */
of: Muted, 
/**
 * Until when: then it is a snooze.
 */
until?: string, };

export type Day = "mon" | "tue" | "wed" | "thu" | "fri" | "sat" | "sun";

export type Span = { 
/**
 * The days on which it begins.
 */
days: Array<Day>, 
/**
 * When it begins.
 */
from: string, 
/**
 * When it ends: on the next day where that is not later, so that `00:00` to `00:00` is a whole day.
 */
to: string, };

export type QuietHours = { 
/**
 * Whether what interrupts is raised all the same.
 */
interrupts_pass: boolean, 
/**
 * The times.
 */
spans: Array<Span>, };

export type Counts = { 
/**
 * Items that are unread: the badge.
 */
items: number, 
/**
 * Changes in them.
 */
changes: number, 
/**
 * Items among them of which something interrupts.
 */
interrupts: number, 
/**
 * Items among them of which no banner is wanted.
 */
muted: number, 
/**
 * Items that come back later.
 */
snoozed: number, 
/**
 * Changes that were unread when their item had to give way.
 */
left_out: number, };

export type State = { "is": "unread" } | { "is": "read" } | { "is": "done" } | { "is": "snoozed", 
/**
 * When.
 */
until: string, };

export type Item = { 
/**
 * What it is about.
 */
about: About, 
/**
 * The highest class of what is unread.
 */
class: Class, 
/**
 * The newest lines, the newest last.
 */
lines: Array<Line>, 
/**
 * Whether no banner of it is wanted.
 */
muted: boolean, 
/**
 * How it stands.
 */
state: State, 
/**
 * How many changes there were since the person looked.
 */
unread: number, 
/**
 * Whether the person watches it.
 */
watched: boolean, 
/**
 * When something happened last.
 */
at: string, };

export type Tried = { 
/**
 * Its class by the rules.
 */
class: Class, 
/**
 * Whether a rule keeps the banner back.
 */
muted: boolean, 
/**
 * The line of the rule that matched, from 1.
 */
rule: number | null, 
/**
 * Its class without a rule.
 */
usual: Class, };

export type DryRun = { 
/**
 * How many of them would come with a banner, before grouping.
 */
banners: number, 
/**
 * How many would without a rule.
 */
banners_usually: number, 
/**
 * How many each rule matches first, in the order of the rules.
 */
hits: Array<number>, 
/**
 * One each, in the order in which they were given.
 */
tried: Array<Tried>, };

export type Theme = "system" | "light" | "dark";

export type Appearance = { 
/**
 * Which theme.
 */
theme: Theme, };

export type Identity = { 
/**
 * Names under which they sign beside that of the environment (`KANBUS_USER`, else `USER`).
 */
names: Array<string>, };

export type Notifications = { 
/**
 * Whether any banner is raised. The inbox counts all the same.
 */
enabled: boolean, 
/**
 * Of what none is wanted.
 */
mutes: Array<Mute>, 
/**
 * Until when none is raised, RFC 3339.
 */
paused_until: string | null, 
/**
 * When in the week none is wanted.
 */
quiet: QuietHours, 
/**
 * The person's rules, one a line.
 */
rules: string, };

export type Readers = "shared" | "private";

export type Realtime = { 
/**
 * Whether anybody is listened to.
 */
listen: boolean, 
/**
 * Who reads what is heard.
 */
overlay: Readers, };

export type Tray = { 
/**
 * Whether the app stays there when its last window is closed.
 */
close_to_tray: boolean, };

export type Settings = { 
/**
 * How it looks.
 */
appearance: Appearance, 
/**
 * Who they are.
 */
identity: Identity, 
/**
 * What is worth a banner, and when.
 */
notifications: Notifications, 
/**
 * How gossip is heard.
 */
realtime: Realtime, 
/**
 * The keys of actions that are not to have their usual ones, by action.
 */
shortcuts: { [key in string]: Array<string> }, 
/**
 * What happens in the tray.
 */
tray: Tray, 
/**
 * The version of the file.
 */
version: number, };

export type InboxUnit = { 
/**
 * What it counts.
 */
counts: Counts, 
/**
 * Until when no banner is raised, RFC 3339; null where they are.
 */
paused_until: string | null, 
/**
 * The newest line of each of the few items that need the person most.
 */
top: Array<Line>, 
/**
 * Why the inbox is not kept, where it is not.
 */
trouble: string | null, };

export type SettingsUnit = { 
/**
 * Under which names the person is known here: that of the environment first.
 */
me: Array<string>, 
/**
 * The file; null where there is no place for one.
 */
path: string | null, 
/**
 * What they have chosen.
 */
settings: Settings, 
/**
 * Why that is not what the file says, where it cannot be read.
 */
trouble: string | null, };

export type InboxList = { 
/**
 * What is unread first, then by class, the newest first.
 */
items: Array<Item>, };

export type Notice = { 
/**
 * Its class.
 */
class: Class, 
/**
 * Why no banner is raised, where one would have been otherwise.
 */
hushed: Hushed | null, 
/**
 * It in words.
 */
line: Line, };

export type Mark = { "is": "read" } | { "is": "done" } | { "is": "unread" } | { "is": "snoozed", 
/**
 * When, RFC 3339.
 */
until: string, };

export type Trial = { 
/**
 * The changes in words, the newest first, as `run.tried` has them.
 */
lines: Array<Line>, 
/**
 * What becomes of each.
 */
run: DryRun, };

export type LiveUnit = { "kind": "inbox" } & InboxUnit | { "kind": "link" } & Link | { "kind": "settings" } & SettingsUnit | { "kind": "trust" } & Trust | { "kind": "watch" } & Watch;

export type SessionPartState = "ready" | "missing" | "refused" | "unknown";

export type SessionPart = { 
/**
 * What to do about it, where something can be done.
 */
hint: string | null, 
/**
 * How it is, in one sentence.
 */
message: string, 
/**
 * How it is.
 */
state: SessionPartState, };

export type Session = { 
/**
 * Whether passwords of brokers can be kept.
 */
keyring: SessionPart, 
/**
 * Whether banners are shown, and can be clicked.
 */
notifications: SessionPart, 
/**
 * Whether an icon in the tray is shown.
 */
tray: SessionPart, };

export type RepositoryInfo = { 
/**
 * The name of its directory.
 */
name: string, 
/**
 * The path of its working tree.
 */
path: string, };

export type Message = { "type": "hello", 
/**
 * The version of the wire.
 */
protocol: number, 
/**
 * The time of the sender, against which ages can be counted.
 */
server_time: string, 
/**
 * What is open.
 */
repository: RepositoryInfo, } | { "type": "board_full", 
/**
 * Its tag.
 */
to: Tag, 
/**
 * Every unit.
 */
board: Record<string, Unit>, 
/**
 * Every live unit.
 */
live: Record<string, LiveUnit>, } | { "type": "board_delta", 
/**
 * The tag it applies to.
 */
from: Tag, 
/**
 * The tag it leads to.
 */
to: Tag, 
/**
 * Units that are new or other than before.
 */
set: Record<string, Unit>, 
/**
 * Keys that are gone.
 */
del: Array<string>, } | { "type": "live", 
/**
 * Live units that are new or other than before.
 */
set: Record<string, LiveUnit>, 
/**
 * Keys that are gone.
 */
del: Array<string>, } | { "type": "change", 
/**
 * What, and who.
 */
change: Change, } | { "type": "notice" } & Notice | { "type": "heartbeat", 
/**
 * The time of the sender.
 */
server_time: string, };

export type ErrorCode = "not_found" | "invalid" | "rule" | "policy" | "conflict" | "git_busy" | "locked" | "untrusted" | "unreadable" | "io" | "unauthorized" | "too_large" | "unavailable" | "internal";

export type Sides = { 
/**
 * What it was when the edit began; null also where that is not known.
 */
base: unknown, 
/**
 * What somebody has made of it.
 */
theirs: unknown, 
/**
 * What it was to be.
 */
mine: unknown, };

export type WireError = { 
/**
 * What kind of failure. Nobody matches on the message.
 */
code: ErrorCode, 
/**
 * What went wrong, in one sentence.
 */
message: string, 
/**
 * What to do about it.
 */
hint?: string, 
/**
 * The Git blob id of the file as it is now, where the code is `conflict`.
 */
base?: string, 
/**
 * The fields that an edit and somebody else have both changed, where the code is `conflict`.
 */
fields?: { [key in string]: Sides }, };

export type EventEntry = { 
/**
 * Who did it.
 */
actor_id: string | null, 
/**
 * The agent that the event names.
 */
agent: string | null, 
/**
 * The event's id.
 */
event_id: string, 
/**
 * Kanbus's type, known or not.
 */
event_type: string, 
/**
 * When, as the file says.
 */
occurred_at: string | null, 
/**
 * Kanbus's own payload, by type.
 */
payload: unknown, };

export type CommentHtml = { 
/**
 * The agent that wrote it.
 */
agent: string | null, 
/**
 * Who wrote it.
 */
author: string | null, 
/**
 * When, as the file says.
 */
created_at: string | null, 
/**
 * What, rendered.
 */
html: string, 
/**
 * Its id; older comments have none.
 */
id: string | null, };

export type IssueHtml = { 
/**
 * Its comments, oldest first.
 */
comments: Array<CommentHtml>, 
/**
 * Its description.
 */
description: string, };

export type HeardField = { 
/**
 * As the file has it; null where there is no file.
 */
base: unknown, 
/**
 * Which.
 */
field: string, 
/**
 * As it is heard.
 */
heard: unknown, };

export type HeardDetail = { 
/**
 * When.
 */
at: string, 
/**
 * Whether it is heard deleted.
 */
deleted: boolean, 
/**
 * The fields that differ, each as the file has it and as it is heard.
 */
fields: Array<HeardField>, 
/**
 * Who, as far as what is heard tells.
 */
from: string | null, 
/**
 * The texts as they are heard, rendered.
 */
html: IssueHtml, };

export type Legal = { 
/**
 * The statuses that it may come to, in the order of the columns.
 */
statuses: Array<Move>, 
/**
 * The types that it may change to.
 */
types: Array<string>, 
/**
 * The issues that may become its parent, by id.
 */
parents: Array<string>, };

export type IssueDetail = { 
/**
 * The Git blob id of the file's bytes; null where the file cannot be read and HEAD stands in.
 */
base: string | null, 
/**
 * The newest events, newest first.
 */
events: Array<EventEntry>, 
/**
 * What to ask for to get older ones; null at the end.
 */
events_next: string | null, 
/**
 * What is heard of it beyond the file.
 */
heard: HeardDetail | null, 
/**
 * What may become of it next.
 */
legal: Legal, 
/**
 * Its texts, rendered.
 */
html: IssueHtml, 
/**
 * The whole issue as the file has it.
 */
issue: unknown, 
/**
 * The file's path, relative to the working tree.
 */
path: string, };

export type EventPage = { 
/**
 * The events.
 */
events: Array<EventEntry>, 
/**
 * What to ask for to get older ones; null at the end.
 */
events_next: string | null, };

export type LabelChange = { 
/**
 * To add.
 */
add: Array<string>, 
/**
 * To remove.
 */
remove: Array<string>, };

export type Command = { "type": "trust", 
/**
 * The set of asks that was shown.
 */
digest: string, } | { "type": "distrust" } | { "type": "change_settings", 
/**
 * What to change.
 */
set: Record<string, unknown>, } | { "type": "restore_settings" } | { "type": "inbox", 
/**
 * Which; all where it is left out.
 */
about?: About, 
/**
 * As what.
 */
to: Mark, } | { "type": "watch", 
/**
 * Which issue.
 */
about: About, 
/**
 * Whether.
 */
on: boolean, } | { "type": "mute", 
/**
 * Which issue.
 */
about: About, 
/**
 * Whether none.
 */
on: boolean, } | { "type": "draft_conflict", 
/**
 * Which issue.
 */
id: string, 
/**
 * The fields that both have changed.
 */
fields: Array<string>, } | { "type": "create", 
/**
 * Its fields: `title`, and what else is not to be as the configuration has it.
 */
issue: Record<string, unknown>, 
/**
 * The project, by label; the first where nothing is said.
 */
project?: string, 
/**
 * Whether to write although Git is in the middle of something.
 */
anyway?: boolean, } | { "type": "set_fields", 
/**
 * Which issue.
 */
id: string, 
/**
 * The fields to set, each to what it is to be.
 */
set: Record<string, unknown>, 
/**
 * What these fields were when the edit began.
 */
was?: Record<string, unknown>, 
/**
 * The Git blob id of the file that the edit began with.
 */
base?: string, 
/**
 * Labels to add and to remove.
 */
labels?: LabelChange, 
/**
 * Whether to write although Git is in the middle of something.
 */
anyway?: boolean, } | { "type": "claim", 
/**
 * Which issue.
 */
id: string, 
/**
 * Whether to write although Git is in the middle of something.
 */
anyway?: boolean, } | { "type": "comment", 
/**
 * Which issue.
 */
id: string, 
/**
 * What, as Markdown.
 */
text: string, 
/**
 * Whether to write although Git is in the middle of something.
 */
anyway?: boolean, } | { "type": "edit_comment", 
/**
 * Which issue.
 */
id: string, 
/**
 * Which comment, by its id.
 */
comment: string, 
/**
 * What it is to say.
 */
text: string, 
/**
 * What it said when the edit began.
 */
was?: string, 
/**
 * Whether to write although Git is in the middle of something.
 */
anyway?: boolean, } | { "type": "delete_comment", 
/**
 * Which issue.
 */
id: string, 
/**
 * Which comment, by its id.
 */
comment: string, 
/**
 * Whether to write although Git is in the middle of something.
 */
anyway?: boolean, } | { "type": "add_dependency", 
/**
 * Which issue.
 */
id: string, 
/**
 * The other issue.
 */
target: string, 
/**
 * `blocked-by` or `relates-to`.
 */
kind: string, 
/**
 * Whether to write although Git is in the middle of something.
 */
anyway?: boolean, } | { "type": "remove_dependency", 
/**
 * Which issue.
 */
id: string, 
/**
 * The other issue.
 */
target: string, 
/**
 * `blocked-by` or `relates-to`.
 */
kind: string, 
/**
 * Whether to write although Git is in the middle of something.
 */
anyway?: boolean, } | { "type": "delete", 
/**
 * Which issue.
 */
id: string, 
/**
 * Whether everything below it goes too.
 */
descendants?: boolean, 
/**
 * Whether to write although Git is in the middle of something.
 */
anyway?: boolean, } | { "type": "move", 
/**
 * Which issue.
 */
id: string, 
/**
 * Where it goes.
 */
to: Source, 
/**
 * Whether to write although Git is in the middle of something.
 */
anyway?: boolean, } | { "type": "bulk", 
/**
 * What.
 */
commands: Array<Command>, } | { "type": "undo", 
/**
 * What was answered then.
 */
token: string, 
/**
 * Whether to write although Git is in the middle of something.
 */
anyway?: boolean, };

export type Outcome = { "done": Done } | { "error": WireError };

export type Done = { 
/**
 * The Git blob id of the file as it is now, where one issue was written.
 */
base?: string, 
/**
 * What there is to say of it, though it was done: by policies, by hooks, by the rules.
 */
guidance?: Array<string>, 
/**
 * The key of the issue's card without `card:`.
 */
id?: string, 
/**
 * The issue as it is now.
 */
issue?: unknown, 
/**
 * The fields that others changed since the edit began, and that are as they have them.
 */
merged?: Array<string>, 
/**
 * What came of each of several, in their order.
 */
results?: Array<Outcome>, 
/**
 * What to say to have it taken back.
 */
undo?: string, };

export type Unit = Card | GitState | Meta | Problem;

export type Tag = string;
