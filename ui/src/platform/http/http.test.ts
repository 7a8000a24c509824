// The requests of the browser host; the stream has its own tests.
import { expect, test, vi } from "vitest";
import { httpPlatform } from "./http";

function served(answer: () => Promise<Response>) {
  const fetch = vi.fn((path: string, init: RequestInit) => (void path, void init, answer()));
  return { fetch, platform: httpPlatform({ fetch } as unknown as Window) };
}

test("a_command_is_posted_as_the_tagged_json_that_it_is", async () => {
  const { fetch, platform } = served(async () => Response.json({}));
  await platform.command({ type: "trust", digest: "5c1f" });
  expect(fetch).toHaveBeenCalledWith("/api/commands", {
    method: "POST",
    headers: { accept: "application/json", "content-type": "application/json" },
    body: '{"type":"trust","digest":"5c1f"}',
  });
});

test("a_refused_command_is_the_wire_error_that_the_core_sent", async () => {
  const error = { code: "conflict", message: "what it asks for has changed" };
  const { platform } = served(async () => Response.json(error, { status: 409 }));
  await expect(platform.command({ type: "distrust" })).rejects.toEqual(error);
});

test("a_server_that_does_not_answer_is_unavailable", async () => {
  const { platform } = served(() => Promise.reject(new TypeError("network")));
  await expect(platform.command({ type: "distrust" })).rejects.toMatchObject({ code: "unavailable" });
});

test("the_inbox_is_got_and_rules_are_posted_to_be_tried", async () => {
  const { fetch, platform } = served(async () => Response.json({ items: [] }));
  expect(await platform.inbox()).toEqual({ items: [] });
  expect(fetch.mock.calls[0]?.[0]).toBe("/api/inbox");
  await platform.tryRules("x -> mute");
  expect(fetch).toHaveBeenLastCalledWith(
    "/api/rules/try",
    expect.objectContaining({ method: "POST", body: '{"rules":"x -> mute"}' }),
  );
});
