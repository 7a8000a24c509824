// The live stream of hear serve, read as server-sent events.
// Invariants: a stream that ended for good is opened again with growing pauses; the server starts every stream with a
// full board, so opening again is also how a resync is asked for; silence much longer than the heartbeat counts as lost.
import { asWireError, fault, isWireError } from "../../wire/fault";
import type { Message, WireError } from "../../wire/generated";
import type { Connection, Incoming, Link } from "../types";

const TYPES: Message["type"][] = ["hello", "board_full", "board_delta", "live", "notice", "heartbeat"];
const FIRST_PAUSE = 500;
const LONGEST_PAUSE = 15_000;
/** Only counted once a heartbeat was heard, so that a server without them is not taken for dead. */
const SILENCE = 90_000;

export interface StreamHost {
  open(url: string): EventSource;
  fetch(url: string, init: RequestInit): Promise<Response>;
  now(): number;
}

export class Stream implements Connection {
  readonly #url: string;
  readonly #host: StreamHost;
  readonly #listener: (incoming: Incoming) => void;
  #source: EventSource | null = null;
  #pause = FIRST_PAUSE;
  #lostSince: number | null = null;
  #retry: ReturnType<typeof setTimeout> | undefined;
  #silence: ReturnType<typeof setTimeout> | undefined;
  #beating = false;

  constructor(url: string, host: StreamHost, listener: (incoming: Incoming) => void) {
    this.#url = url;
    this.#host = host;
    this.#listener = listener;
    this.#say({ state: "connecting" });
    this.#open();
  }

  resync(): void {
    this.#open();
  }

  stop(): void {
    clearTimeout(this.#retry);
    clearTimeout(this.#silence);
    this.#source?.close();
    this.#source = null;
  }

  #open(): void {
    this.stop();
    const source = this.#host.open(this.#url);
    this.#source = source;
    for (const type of TYPES)
      source.addEventListener(type, (event) => this.#arrived(event as MessageEvent<string>));
    source.onerror = () => this.#failed(source);
  }

  #arrived(event: MessageEvent<string>): void {
    const message = JSON.parse(event.data) as Message;
    if (message.type === "heartbeat") this.#beating = true;
    this.#listen();
    if (message.type === "board_full") {
      this.#pause = FIRST_PAUSE;
      this.#lostSince = null;
      this.#say({ state: "live" });
    }
    this.#listener({ kind: "message", message });
  }

  #listen(): void {
    clearTimeout(this.#silence);
    if (!this.#beating) return;
    this.#silence = setTimeout(() => {
      this.#lose(null);
      this.#open();
    }, SILENCE);
  }

  #failed(source: EventSource): void {
    if (source !== this.#source) return;
    // While it is CONNECTING the browser tries again by itself.
    this.#lose(null);
    if (source.readyState !== 2) return;
    this.#retry = setTimeout(() => this.#open(), this.#pause);
    this.#pause = Math.min(this.#pause * 2, LONGEST_PAUSE);
    void this.#reason(source);
  }

  /** An EventSource does not say why the server refused; a plain request does. */
  async #reason(source: EventSource): Promise<void> {
    const error = await refusal(this.#host, this.#url);
    if (error !== null && source === this.#source && this.#lostSince !== null) this.#lose(error);
  }

  #lose(error: WireError | null): void {
    this.#lostSince ??= this.#host.now();
    this.#say({ state: "lost", since: this.#lostSince, error });
  }

  #say(link: Link): void {
    this.#listener({ kind: "link", link });
  }
}

async function refusal(host: StreamHost, url: string): Promise<WireError | null> {
  const abort = new AbortController();
  try {
    const response = await host.fetch(url, { signal: abort.signal });
    return response.ok ? null : await errorOf(response);
  } catch {
    return fault("unavailable", "The server does not answer.", "Is hear serve still running?");
  } finally {
    abort.abort();
  }
}

/** The wire error in a failed response, or one made from its status where the body is none. */
export async function errorOf(response: Response): Promise<WireError> {
  try {
    const body: unknown = await response.json();
    if (isWireError(body)) return body;
  } catch {
    // A proxy in between answers with something else than our JSON.
  }
  if (response.status === 401)
    return fault(
      "unauthorized",
      "This browser is not signed in.",
      "Open the address that hear serve printed.",
    );
  return asWireError(fault("unavailable", `The server answered ${response.status} ${response.statusText}.`));
}
