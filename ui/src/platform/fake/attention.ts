// The inbox and the settings of the sample: what a core would keep of them, and the commands that change them.
// The switch `inbox` says how many items there are (`empty` for none), `settings=broken` gives a file that cannot be read.
// Invariant: what is answered as done is told as a live unit in the same breath.
import type { OwnCommand } from "../../wire/commands";
import { fault } from "../../wire/fault";
import type {
  About,
  Card,
  Class,
  Counts,
  InboxList,
  Item,
  Kind,
  Line,
  LiveUnit,
  Mark,
  Settings,
  Sure,
  Trial,
  Unit,
} from "../../wire/generated";

export const USUAL: Settings = {
  appearance: { theme: "system" },
  identity: { names: [] },
  notifications: {
    enabled: true,
    mutes: [],
    paused_until: null,
    quiet: { interrupts_pass: true, spans: [] },
    rules: "",
  },
  realtime: { listen: true, overlay: "shared" },
  shortcuts: {},
  tray: { close_to_tray: false },
  version: 1,
};

const SAID: readonly [Class, Kind, string, boolean, Sure, string][] = [
  ["interrupt", "awaiting_reply", "codex-3", true, "said", "codex-3 asks you about KEY"],
  ["interrupt", "blocked", "grace.hopper", false, "said", "grace.hopper blocked KEY, which you watch"],
  ["notice", "moved", "claude-opus", true, "said", "claude-opus moved KEY to Review"],
  ["notice", "mentioned", "ada.lovelace", false, "inferred", "Probably ada.lovelace mentioned you on KEY"],
  ["notice", "created", "", false, "unknown", "Somebody made KEY, of the highest priority"],
  ["inbox", "commented", "codex-3", true, "inferred", "Probably codex-3 commented on KEY"],
  ["inbox", "moved", "grace.hopper", false, "said", "grace.hopper moved KEY to In progress"],
  ["inbox", "dependency", "claude-opus", true, "said", "claude-opus made KEY wait for another issue"],
];

export class SampleAttention {
  settings: Settings = structuredClone(USUAL);
  items: Item[];
  trouble: string | null;
  readonly asked: OwnCommand[] = [];
  readonly #say: (set: Record<string, LiveUnit>) => void;
  readonly #now: () => number;

  constructor(
    board: Record<string, Unit>,
    say: (set: Record<string, LiveUnit>) => void,
    now: () => number,
    switches: URLSearchParams,
  ) {
    this.#say = say;
    this.#now = now;
    const cards = Object.values(board).filter((unit): unit is Card => unit.kind === "card");
    const many = switches.get("inbox");
    this.items = many === "empty" ? [] : sampleItems(cards.slice(0, Number(many ?? 11)), now());
    this.trouble =
      switches.get("settings") === "broken"
        ? "/home/ada/.config/hearsay/settings.json is no settings of Hearsay's: expected `,` or `}` at line 4 column 3"
        : null;
  }

  get units(): Record<string, LiveUnit> {
    const unread = this.items.filter(({ state }) => state.is === "unread");
    const counts: Counts = {
      items: unread.length,
      changes: unread.reduce((sum, item) => sum + item.unread, 0),
      interrupts: unread.filter((item) => item.class === "interrupt").length,
      muted: unread.filter(({ muted }) => muted).length,
      snoozed: this.items.filter(({ state }) => state.is === "snoozed").length,
      left_out: 0,
    };
    const top = unread.slice(0, 5).flatMap(({ lines }) => lines.slice(-1));
    const { paused_until } = this.settings.notifications;
    const me = ["ada", ...this.settings.identity.names];
    const path = "/home/ada/.config/hearsay/settings.json";
    return {
      inbox: { kind: "inbox", counts, top, paused_until, trouble: null },
      settings: {
        kind: "settings",
        me,
        path,
        settings: structuredClone(this.settings),
        trouble: this.trouble,
      },
    };
  }

  list(): InboxList {
    const rank = ({ state, class: one }: Item) =>
      (state.is === "unread" ? 0 : 10) - ["feed", "inbox", "notice", "interrupt"].indexOf(one);
    const items = [...this.items].sort((a, b) => rank(a) - rank(b) || (a.at < b.at ? 1 : -1));
    return { items: structuredClone(items) };
  }

  try(rules: string): Trial {
    const wrong = rules.split("\n").findIndex((line) => line.trim() !== "" && !line.includes("->"));
    if (wrong >= 0) {
      const column = (rules.split("\n")[wrong]?.length ?? 0) + 1;
      throw fault("invalid", `Line ${wrong + 1}, column ${column}: expected \`->\`, and the line ends.`);
    }
    const lines = this.items.flatMap((item) => item.lines);
    const tried = lines.map((line, at) => {
      const hit = rules !== "" && at % 3 === 1;
      return { class: line.class, muted: hit, rule: hit ? 1 : null, usual: line.class };
    });
    const loud = (one: { class: Class }) => one.class === "interrupt" || one.class === "notice";
    const banners = tried.filter((one) => loud(one) && !one.muted).length;
    const hits = rules
      .split("\n")
      .map((_, at) => (at === 0 ? tried.filter(({ rule }) => rule === 1).length : 0));
    return { lines, run: { banners, banners_usually: tried.filter(loud).length, hits, tried } };
  }

  run(command: Exclude<OwnCommand, { type: "trust" | "distrust" }>): void {
    this.asked.push(command);
    switch (command.type) {
      case "change_settings":
        if (this.trouble !== null)
          throw fault("unreadable", this.trouble, "Mend the file, or have it put away.");
        this.settings = patched(this.settings, command.set, USUAL) as Settings;
        break;
      case "restore_settings":
        this.trouble = null;
        this.settings = structuredClone(USUAL);
        break;
      case "inbox":
        this.items = this.items.map((item) =>
          command.about === undefined || same(command.about, item.about) ? marked(item, command.to) : item,
        );
        break;
      case "watch":
      case "mute":
        this.#turn(command.about, command.type === "watch" ? { watched: command.on } : { muted: command.on });
        break;
      case "draft_conflict":
        return;
    }
    this.#say(this.units);
  }

  #turn(about: About, change: Partial<Item>): void {
    if (!this.items.some((item) => same(item.about, about))) {
      const at = new Date(this.#now()).toISOString();
      const item: Item = {
        about,
        class: "feed",
        lines: [],
        muted: false,
        state: { is: "read" },
        unread: 0,
        watched: false,
        at,
      };
      this.items = [...this.items, item];
    }
    this.items = this.items.map((item) => (same(item.about, about) ? { ...item, ...change } : item));
  }
}

export function sampleItems(cards: readonly Card[], now: number): Item[] {
  return cards.map((card, index): Item => {
    const at = new Date(now - (index * 23 + 2) * 60_000).toISOString();
    const line = sampleLine(card, index, at);
    const unread = index < 7 || index % 12 === 11;
    const until = new Date(now + 5 * 3_600_000).toISOString();
    const late =
      index === 8 ? ({ is: "snoozed", until } as const) : ({ is: index === 10 ? "done" : "read" } as const);
    return {
      about: line.about,
      class: line.class,
      lines: [line],
      muted: index === 5,
      state: unread ? { is: "unread" } : late,
      unread: unread ? (index % 3 === 0 ? index + 2 : 1) : 0,
      watched: index % 4 === 1,
      at,
    };
  });
}

export function sampleLine(card: Card, index: number, at: string): Line {
  const [rank, kind, who, agent, sure, said] = SAID[index % SAID.length] as (typeof SAID)[number];
  return {
    about: { issue: { project: card.project, id: card.id } },
    agent,
    at,
    card: card.id,
    class: rank,
    detail: card.title,
    epic: null,
    kind,
    said: said.replace("KEY", card.key),
    sure,
    who: who === "" ? null : who,
  };
}

function marked(item: Item, to: Mark): Item {
  return { ...item, state: to, unread: to.is === "unread" ? Math.max(1, item.unread) : 0 };
}

function same(a: About, b: About): boolean {
  return JSON.stringify(a) === JSON.stringify(b);
}

/** A JSON merge patch in which null brings back what is usual. */
function patched(value: unknown, patch: Record<string, unknown>, usual: unknown): unknown {
  const result = { ...(value as Record<string, unknown>) };
  for (const [key, change] of Object.entries(patch)) {
    const known = (usual as Record<string, unknown> | undefined)?.[key];
    if (change === null && known === undefined) Reflect.deleteProperty(result, key);
    else if (change === null) result[key] = structuredClone(known);
    else if (typeof change === "object" && !Array.isArray(change))
      result[key] = patched(result[key] ?? {}, change as Record<string, unknown>, known);
    else result[key] = change;
  }
  return result;
}
