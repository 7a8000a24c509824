// The browser host: the API of hear serve, with the cookie that its first page set.
import { fault } from "../../wire/fault";
import type { Done, EventPage, InboxList, IssueDetail, Trial } from "../../wire/generated";
import type { Platform } from "../types";
import { Stream, errorOf } from "./stream";

const UNREACHABLE = fault("unavailable", "The server does not answer.", "Is hear serve still running?");

async function send(window: Window, path: string, init: RequestInit): Promise<Response> {
  let response: Response;
  try {
    response = await window.fetch(path, init);
  } catch {
    throw UNREACHABLE;
  }
  if (!response.ok) throw await errorOf(response);
  return response;
}

async function get<T>(window: Window, path: string): Promise<T> {
  const response = await send(window, path, { headers: { accept: "application/json" } });
  return (await response.json()) as T;
}

async function post<T>(window: Window, path: string, body: unknown): Promise<T> {
  const response = await send(window, path, {
    method: "POST",
    headers: { accept: "application/json", "content-type": "application/json" },
    body: JSON.stringify(body),
  });
  return (await response.json()) as T;
}

function issuePath(key: string): string {
  return `/api/issues/${encodeURIComponent(key)}`;
}

export function httpPlatform(window: Window): Platform {
  const host = {
    open: (url: string) => new EventSource(url),
    fetch: (url: string, init: RequestInit) => window.fetch(url, init),
    now: () => Date.now(),
  };
  return {
    kind: "http",
    repositories: null,
    desktop: null,
    connect: (listener) => new Stream("/api/board/stream?mode=delta", host, listener),
    issue: (key) => get<IssueDetail>(window, issuePath(key)),
    events: (key, before) =>
      get<EventPage>(window, `${issuePath(key)}/events?before=${encodeURIComponent(before)}`),
    openExternal: async (url) => {
      window.open(url, "_blank", "noopener,noreferrer");
    },
    render: async (text) => (await post<{ html: string }>(window, "/api/render", { text })).html,
    command: (command) => post<Done>(window, "/api/commands", command),
    inbox: () => get<InboxList>(window, "/api/inbox"),
    tryRules: (rules) => post<Trial>(window, "/api/rules/try", { rules }),
  };
}
