import { afterEach, beforeEach, expect, test, vi } from "vitest";
import type { Message } from "../../wire/generated";
import type { Incoming } from "../types";
import { Stream, type StreamHost } from "./stream";

class Source {
  readyState = 1;
  onerror: (() => void) | null = null;
  readonly #listeners = new Map<string, (event: MessageEvent<string>) => void>();

  addEventListener(type: string, listener: (event: MessageEvent<string>) => void): void {
    this.#listeners.set(type, listener);
  }
  send(message: Message): void {
    this.#listeners.get(message.type)?.(new MessageEvent(message.type, { data: JSON.stringify(message) }));
  }
  fail(readyState: number): void {
    this.readyState = readyState;
    this.onerror?.();
  }
  close(): void {
    this.readyState = 2;
  }
}

const FULL: Message = { type: "board_full", to: "t1", board: {}, live: {} };
let sources: Source[];
let heard: Incoming[];
let response: Response;

function connect(): Stream {
  const host: StreamHost = {
    open: () => {
      const source = new Source();
      sources.push(source);
      return source as unknown as EventSource;
    },
    fetch: async () => response,
    now: () => Date.now(),
  };
  return new Stream("/stream", host, (incoming) => heard.push(incoming));
}

const links = () => heard.flatMap((incoming) => (incoming.kind === "link" ? [incoming.link.state] : []));

beforeEach(() => {
  vi.useFakeTimers({ now: 1_000_000 });
  sources = [];
  heard = [];
  response = new Response("{}", { status: 200 });
});
afterEach(() => vi.useRealTimers());

test("the_link_is_live_with_the_first_full_board", () => {
  connect();
  sources[0]?.send(FULL);
  expect(links()).toEqual(["connecting", "live"]);
});

test("a_closed_stream_is_opened_again_with_growing_pauses_and_says_since_when", async () => {
  connect();
  sources[0]?.send(FULL);
  sources[0]?.fail(2);
  await vi.advanceTimersByTimeAsync(500);
  expect(sources).toHaveLength(2);
  sources[1]?.fail(2);
  await vi.advanceTimersByTimeAsync(500);
  expect(sources, "the second pause is longer").toHaveLength(2);
  await vi.advanceTimersByTimeAsync(500);
  expect(sources).toHaveLength(3);
  const lost = heard.filter((incoming) => incoming.kind === "link" && incoming.link.state === "lost");
  for (const { link } of lost as { link: { since: number } }[]) expect(link.since).toBe(1_000_000);
  sources[2]?.send(FULL);
  expect(links().at(-1)).toBe("live");
});

test("while_the_browser_retries_by_itself_no_second_stream_is_opened", async () => {
  connect();
  sources[0]?.fail(0);
  await vi.advanceTimersByTimeAsync(60_000);
  expect(sources).toHaveLength(1);
});

test("a_refusal_is_told_with_its_code", async () => {
  const body = { code: "unauthorized", message: "No." };
  response = new Response(JSON.stringify(body), { status: 401 });
  connect();
  sources[0]?.fail(2);
  await vi.advanceTimersByTimeAsync(1);
  expect(heard.at(-1)).toMatchObject({ kind: "link", link: { state: "lost", error: body } });
});

test("silence_after_a_heartbeat_is_a_lost_link", async () => {
  connect();
  sources[0]?.send(FULL);
  sources[0]?.send({ type: "heartbeat", server_time: "2026-01-01T00:00:00Z" });
  await vi.advanceTimersByTimeAsync(90_000);
  expect(links()).toContain("lost");
  expect(sources).toHaveLength(2);
});

test("a_stopped_stream_stays_silent", async () => {
  const stream = connect();
  sources[0]?.fail(2);
  stream.stop();
  await vi.advanceTimersByTimeAsync(60_000);
  expect(sources).toHaveLength(1);
});
