// What gossip adds to the sample: the live link in each of its states, a repository that asks for trust, and cards of which
// something is only heard or that somebody is at work on.
// Invariant: all of it is counted from the `now` that is passed in, so that the same now gives the same board.
import { compareBytes } from "../../shared/order";
import type { Card, Link, LiveUnit, Note, Trust, Unit, Way } from "../../wire/generated";

const SOCKET = "/run/user/1000/kanbus/bus.sock";
const BROKER = "mqtts://broker.example:8883";
const LONG = "mqtts://a1b2c3d4e5f6g7-ats.iot.eu-central-1.amazonaws.example:443";

const REFUSES: Note = {
  code: "kanbus_refuses",
  message: "`kanbus update` by full id fails until what is heard is in the files; a pull brings it.",
};

function way(kind: Way["kind"], state: Way["state"], since: string, more: Partial<Way> = {}): Way {
  return {
    kind,
    endpoint: kind === "uds" ? SOCKET : BROKER,
    hosting: false,
    message: null,
    since,
    state,
    ...more,
  };
}

/** `listening`, `hosting`, `both`, `partly`, `quiet`, `lost`, `connecting`, `off`. */
export function sampleLink(name: string, now: number): Link {
  const before = (ms: number) => new Date(now - ms).toISOString();
  const uds = (more: Partial<Way> = {}) => way("uds", "listening", before(247_000), more);
  const heard: Link = {
    state: "listening",
    since: before(247_000),
    last_heard: before(3000),
    lag: { p50_ms: 4, p95_ms: 61 },
    message: null,
    refused: 0,
    ways: [uds()],
  };
  const gone = before(42_000);
  switch (name) {
    case "hosting":
      return { ...heard, ways: [uds({ hosting: true })] };
    case "both":
      return {
        ...heard,
        lag: { p50_ms: 38, p95_ms: 1420 },
        refused: 3,
        ways: [uds({ hosting: true }), way("mqtt", "listening", before(7_300_000), { endpoint: LONG })],
      };
    case "partly":
      return {
        ...heard,
        ways: [
          uds({ hosting: true }),
          way("mqtt", "lost", gone, { message: "the broker refused the connection: not authorised" }),
        ],
      };
    case "quiet":
      return { ...heard, last_heard: null, lag: null };
    case "lost":
      return {
        ...heard,
        state: "lost",
        since: gone,
        last_heard: before(51_000),
        message: "nobody answers on the socket",
        ways: [way("uds", "lost", gone, { message: "nobody answers on the socket" })],
      };
    case "connecting":
      return {
        ...heard,
        state: "connecting",
        since: before(5000),
        last_heard: null,
        lag: null,
        ways: [way("mqtt", "connecting", before(5000))],
      };
    case "off":
      return {
        ...heard,
        state: "off",
        last_heard: null,
        lag: null,
        message: "`realtime.broker` is `off` in .kanbus.yml",
        ways: [way("uds", "off", before(247_000))],
      };
    default:
      return heard;
  }
}

export function sampleTrust(trusted: boolean): Trust {
  return {
    digest: "5c1f0a7e",
    trusted,
    asks: [
      { kind: "broker", what: LONG, from: ".kanbus.yml" },
      { kind: "credentials", what: "KANBUS_REALTIME_MQTT_API_TOKEN", from: ".env" },
      { kind: "autostart", what: "mosquitto -c ~/.kanbus/run/mosquitto.conf", from: ".kanbus.yml" },
      { kind: "blocking_hook", what: "./scripts/check-policy.sh --strict --issue {id}", from: ".kanbus.yml" },
      {
        kind: "hook",
        what: "python3 -m tools.notify --channel '#board' --message \"{key} moved\"",
        from: ".kanbus.yml",
      },
      { kind: "hook", what: "git -C ../wiki pull --ff-only", from: ".kanbus.override.yml" },
    ],
  };
}

export function sampleLive(parameters: URLSearchParams, now: number): Record<string, LiveUnit> {
  const live: Record<string, LiveUnit> = {};
  const link = parameters.get("link");
  if (link !== null) live.link = { kind: "link", ...sampleLink(link, now) };
  const trust = parameters.get("trust");
  if (trust !== null) live.trust = { kind: "trust", ...sampleTrust(trust === "trusted") };
  return live;
}

/** The board with everything that can be heard, at the top of its columns. */
export function withHearsay(board: Record<string, Unit>, now: number): Record<string, Unit> {
  const cards = Object.values(board).filter((unit): unit is Card => unit.kind === "card");
  const lane = (status: string) =>
    cards.filter((card) => card.status === status).sort((a, b) => compareBytes(a.rank, b.rank));
  const set = { ...board };
  const put = (card: Card | undefined, change: (card: Card) => Partial<Card>) => {
    if (card !== undefined) set[`card:${card.id}`] = { ...card, ...change(card) };
  };
  const heard = (seconds: number, from: string | null, ...fields: string[]): Partial<Card> => ({
    stage: "heard",
    heard: { at: new Date(now - seconds * 1000).toISOString(), deleted: false, fields, from },
  });
  const lease = (owner: string, seconds: number): Partial<Card> => ({
    lease: { owner, expires_at: new Date(now + seconds * 1000).toISOString() },
  });
  const [open, doing, blocked, done] = ["open", "in_progress", "blocked", "closed"].map(lane);
  put(open?.[0], () => ({
    ...heard(12, "codex-3", "title", "labels", "assignee"),
    assignee: "grace.hopper",
    labels: ["gossip", "overlay"],
  }));
  put(open?.[1], () => heard(200, null, "description", "parent"));
  put(open?.[2], () => ({
    ...heard(1, "claude-opus"),
    content: "",
    title: "A card that nobody has pushed yet, only heard of from the other clone",
  }));
  put(open?.[3], () => lease("codex-3", 742));
  put(doing?.[0], () => ({
    ...heard(34, "codex-3", "status", "priority", "comments", "description"),
    ...lease("codex-3", 742),
    comments: 3,
    notes: [REFUSES],
  }));
  put(doing?.[1], () => lease("continuous-integration-runner-7.eu-west-1", 49));
  put(doing?.[2], () => lease("claude-opus", -90));
  put(blocked?.[0], (card) => ({
    ...heard(7300, "grace.hopper", "dependencies"),
    notes: [...card.notes, REFUSES],
  }));
  put(blocked?.[1], () => ({
    stage: "heard",
    heard: { at: new Date(now - 45_000).toISOString(), deleted: true, fields: [], from: null },
  }));
  put(done?.[0], () => heard(5, "continuous-integration-runner-7.eu-west-1", "status", "closed_at"));
  return set;
}
