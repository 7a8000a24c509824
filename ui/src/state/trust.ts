// What a repository asks for before it is trusted, in words and in groups.
// Whether it is trusted, and what follows, is the core's to say.
// Invariant: everything that is asked for is listed, word for word; a sentence only sums it up.
import type { Ask, AskKind } from "../wire/generated";
import { hostOf } from "./link";

export interface AskGroup {
  kind: AskKind;
  title: string;
  asks: Ask[];
}

const TITLES: Readonly<Record<AskKind, string>> = {
  broker: "Connect to",
  socket: "Use the socket",
  credentials: "Sign in with",
  topic: "Speak and listen on the topic",
  autostart: "Start on this machine",
  blocking_hook: "Run before a change, which it may refuse",
  hook: "Run",
};

/** By kind, in the order of `TITLES`: what is contacted, then what is run. A kind of a newer core comes last. */
export function askGroups(asks: readonly Ask[]): AskGroup[] {
  const known = Object.keys(TITLES) as AskKind[];
  const kinds = [...new Set<AskKind>([...known, ...asks.map((ask) => ask.kind)])];
  return kinds.flatMap((kind) => {
    const own = asks.filter((ask) => ask.kind === kind);
    return own.length === 0 ? [] : [{ kind, title: TITLES[kind] ?? String(kind), asks: own }];
  });
}

/** "contact broker.example and run 2 programs". */
export function askSummary(asks: readonly Ask[]): string {
  const of = (...kinds: AskKind[]) => asks.filter((ask) => kinds.includes(ask.kind));
  const contacts = of("broker", "socket");
  const programs = of("blocking_hook", "hook");
  const parts = [
    contacts.length === 0 ? null : `contact ${named(contacts, "buses")}`,
    of("credentials").length === 0 ? null : "sign in",
    of("autostart").length === 0 ? null : "start a broker",
    programs.length === 0
      ? null
      : `run ${programs.length === 1 ? "a program" : `${programs.length} programs`}`,
  ].filter((part) => part !== null);
  if (parts.length === 0) return "do something that needs your trust";
  return parts.length === 1 ? parts.join("") : `${parts.slice(0, -1).join(", ")} and ${parts.at(-1)}`;
}

function named(asks: readonly Ask[], many: string): string {
  const [only] = asks;
  if (asks.length !== 1 || only === undefined) return `${asks.length} ${many}`;
  return only.kind === "broker" ? hostOf(only.what) : "a socket of its own";
}

/** Programs that run before a change can refuse it, so changes wait for the answer. */
export function holdsWrites(asks: readonly Ask[]): boolean {
  return asks.some((ask) => ask.kind === "blocking_hook");
}
