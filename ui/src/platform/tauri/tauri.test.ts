import { afterEach, beforeEach, expect, test, vi } from "vitest";
import type { Message } from "../../wire/generated";
import type { Incoming, Platform } from "../types";

const bridge = vi.hoisted(() => ({
  emit: (payload: unknown): void => void payload,
  lookAgain: (): void => undefined,
  answers: new Map<string, () => Promise<unknown>>(),
  calls: [] as string[],
  parameters: undefined as unknown,
}));

vi.mock("@tauri-apps/api/core", () => ({
  Channel: class {
    constructor(readonly onmessage: (payload: unknown) => void) {}
  },
  invoke: (name: string, parameters: { page?: { onmessage: (payload: unknown) => void } }) => {
    bridge.calls.push(name);
    bridge.parameters = parameters;
    if (parameters.page !== undefined) bridge.emit = parameters.page.onmessage;
    return bridge.answers.get(name)?.() ?? Promise.resolve(null);
  },
}));
vi.mock("@tauri-apps/api/webviewWindow", () => ({
  getCurrentWebviewWindow: () => ({
    listen: async (name: string, handler: () => void) => {
      bridge.calls.push(`listen ${name}`);
      bridge.lookAgain = handler;
      return () => undefined;
    },
  }),
}));
vi.mock("@tauri-apps/api/webview", () => ({ getCurrentWebview: () => ({}) }));

const { tauriPlatform } = await import("./tauri");

const hello: Message = {
  type: "hello",
  protocol: 1,
  server_time: "2026-01-01T00:00:00Z",
  repository: { name: "r", path: "/r" },
};
const full: Message = { type: "board_full", to: "t2", board: {}, live: {} };
const delta = (from: string, to: string): Message => ({ type: "board_delta", from, to, set: {}, del: [] });

let heard: Incoming[];
const messages = () => heard.flatMap((incoming) => (incoming.kind === "message" ? [incoming.message] : []));
const links = () => heard.flatMap((incoming) => (incoming.kind === "link" ? [incoming.link.state] : []));
const turn = () => new Promise((done) => setTimeout(done));
/** A host whose first board is there and listened to. */
async function settled(): Promise<Platform> {
  const platform = tauriPlatform();
  platform.connect((incoming) => heard.push(incoming));
  await turn();
  bridge.calls = [];
  return platform;
}
const first = () => [hello, full];

afterEach(() => vi.useRealTimers());
beforeEach(() => {
  heard = [];
  bridge.calls = [];
  bridge.answers.clear();
  bridge.answers.set("subscribe", async () => first());
});

test("what_arrives_between_listening_and_the_first_board_is_neither_lost_nor_applied_twice", async () => {
  bridge.answers.set("subscribe", async () => {
    bridge.emit(delta("t1", "t2"));
    bridge.emit(delta("t2", "t3"));
    bridge.emit(delta("t3", "t4"));
    return first();
  });
  tauriPlatform().connect((incoming) => heard.push(incoming));
  await turn();
  expect(bridge.calls).toEqual(["listen look_again", "subscribe"]);
  expect(messages()).toEqual([hello, full, delta("t2", "t3"), delta("t3", "t4")]);
  expect(links()).toEqual(["connecting", "live"]);
});

test("what_comes_before_anybody_listens_is_handed_over_in_order", async () => {
  const platform = tauriPlatform();
  await turn();
  bridge.emit(delta("t2", "t3"));
  expect(bridge.calls).toEqual(["listen look_again", "subscribe"]);
  platform.connect((incoming) => heard.push(incoming));
  expect(links()).toEqual(["connecting", "live"]);
  expect(messages()).toEqual([hello, full, delta("t2", "t3")]);
  platform.connect((incoming) => heard.push(incoming));
  await turn();
  expect(messages()).toEqual([hello, full, delta("t2", "t3"), hello, full]);
});

test("a_bridge_that_lagged_is_subscribed_to_again", async () => {
  tauriPlatform().connect((incoming) => heard.push(incoming));
  await turn();
  bridge.emit({ type: "resync" });
  await turn();
  expect(messages()).toEqual([hello, full, hello, full]);
});

test("with_no_repository_open_the_link_is_idle_until_one_is", async () => {
  bridge.answers.set("subscribe", async () => null);
  const connection = tauriPlatform().connect((incoming) => heard.push(incoming));
  await turn();
  expect(links()).toEqual(["connecting", "idle"]);
  bridge.answers.set("subscribe", async () => first());
  connection.resync();
  await turn();
  expect(links().at(-1)).toBe("live");
});

test("what_is_asked_for_before_the_page_listens_is_found_and_what_is_asked_for_later_is_heard", async () => {
  const answers = [null, null, first()];
  bridge.answers.set("subscribe", async () => answers.shift());
  tauriPlatform().connect((incoming) => heard.push(incoming));
  await turn();
  expect(bridge.calls).toEqual(["listen look_again", "subscribe", "subscribe"]);
  expect(links()).toEqual(["connecting", "idle"]);
  bridge.lookAgain();
  await turn();
  expect(links().at(-1)).toBe("live");
});

test("a_failed_command_is_the_wire_error_that_the_core_sent", async () => {
  const error = { code: "unreadable", message: "The configuration cannot be read.", hint: "See line 3." };
  bridge.answers.set("subscribe", () => Promise.reject(error));
  tauriPlatform().connect((incoming) => heard.push(incoming));
  await turn();
  expect(heard.at(-1)).toMatchObject({ kind: "link", link: { state: "lost", error } });
});

test.each([
  ["not_found", 1],
  ["invalid", 1],
  ["io", 3],
  ["unavailable", 3],
])(
  "a_path_that_is_refused_as_%s_is_tried_%i_times_in_seven_seconds_until_the_person_opens_one",
  async (code, times) => {
    vi.useFakeTimers();
    bridge.answers.set("subscribe", () => Promise.reject({ code, message: "no" }));
    const connection = tauriPlatform().connect((incoming) => heard.push(incoming));
    await vi.advanceTimersByTimeAsync(7000);
    expect(bridge.calls.filter((name) => name === "subscribe")).toHaveLength(times);
    expect(links()).toEqual(["connecting", ...Array<string>(times).fill("lost")]);
    bridge.answers.set("subscribe", async () => first());
    connection.resync();
    await vi.advanceTimersByTimeAsync(0);
    expect(links().at(-1)).toBe("live");
  },
);

test("a_repository_that_was_closed_before_the_subscription_is_asked_for_again", async () => {
  vi.useFakeTimers();
  bridge.answers.set("subscribe", () =>
    Promise.reject({ code: "unavailable", message: "it has been closed" }),
  );
  tauriPlatform().connect((incoming) => heard.push(incoming));
  await vi.advanceTimersByTimeAsync(4000);
  expect(bridge.calls.filter((name) => name === "subscribe")).toHaveLength(2);
});

test("a_command_is_handed_over_whole_and_its_refusal_is_the_wire_error", async () => {
  bridge.answers.set("command", async () => ({}));
  const platform = await settled();
  await platform.command({ type: "trust", digest: "5c1f" });
  expect(bridge.parameters).toEqual({ command: { type: "trust", digest: "5c1f" } });
  const error = { code: "conflict", message: "what it asks for has changed" };
  bridge.answers.set("command", () => Promise.reject(error));
  await expect(platform.command({ type: "distrust" })).rejects.toEqual(error);
});

test("what_only_the_desktop_does_is_asked_for_by_name", async () => {
  const { desktop, inbox, tryRules } = await settled();
  await desktop?.looking(["a"]);
  expect(bridge.parameters).toEqual({ cards: ["a"] });
  await desktop?.makeDocument("desktop");
  expect(bridge.parameters).toEqual({ place: "desktop" });
  await desktop?.setStartAtLogin(true);
  expect(bridge.parameters).toEqual({ on: true });
  await tryRules("x -> mute");
  expect(bridge.parameters).toEqual({ rules: "x -> mute" });
  await inbox();
  expect(bridge.calls).toEqual(["looking", "make_document", "set_start_at_login", "try_rules", "inbox"]);
});
