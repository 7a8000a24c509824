// The words of the sample board. Only text; what cards are made of it is decided in sample.ts.

export const EPICS = [
  "Hear a change before Git does",
  "Write back without losing a byte",
  "One bus for every process on the machine",
  "A board that is readable from a metre away",
];

export const TITLES = [
  "Watch directories instead of files, because an atomic rename changes the inode",
  "Fold events of one lull into one patch",
  "Patrol finds what no watcher reported",
  "Show the committed version of an unreadable issue",
  "Recognise own writes by content hash",
  "Merge two edits of one issue field by field",
  "Keep unknown keys and their order on every write",
  "Take Kanbus's lock around read, compare, write",
  "Held back while a rebase is under way",
  "Elect the host of the bus by a lock beside the socket",
  "Replace a stale socket within a second, leave a live one alone",
  "Relay between socket and MQTT, each envelope once",
  "Drop envelopes that carry another project's identity",
  "Wake for the next expiry of a lease",
  "Ghost cards for issues that are only heard",
  "Columns in the order of the configuration",
  "Scroll 10,000 cards like 100",
  "Focus survives every update",
  "Name the file, the line and the next step",
  "Filter by words over title, key, assignee and labels",
  "Tags combine so that one card costs one hash",
  "A slow subscriber gets a full board, never a gap",
  "Retry half-written JSON before calling it unreadable",
  "Polling where the disk gives no events, and say so",
  "Issue history without reading all event files",
  "Open a repository in a second with 10,000 issues",
  "Linux: hide on close only if a tray really exists",
  "Respect blocking hooks before trust is given",
  "Typo in the hint for a missing parent",
  "Flaky: broker test waits for a port that is taken",
  "Bump git2 and drop the vendored OpenSSL",
  "Dark theme: warning text misses contrast by a hair",
  "Écrire les clés avec des caractères non latins",
  "Notices are grouped by agent, then by epic",
  "Quiet hours follow the system's do-not-disturb",
  "Paste a folder path into the welcome window",
];

export const LABELS = [
  "watch",
  "gossip",
  "overlay",
  "ui",
  "git",
  "docs",
  "perf",
  "a11y",
  "windows",
  "release",
];
export const PEOPLE = ["ada", "grace.hopper", "linus", "margaret", "barbara-l"];
export const AGENTS = ["codex-3", "claude-opus", "codex-1"];
