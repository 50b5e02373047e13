import assert from "node:assert/strict";
import { describe, it } from "node:test";
import type { ContainerSummary } from "../../api/schema/container-answer.ts";
import type { ImageSummary } from "../../api/schema/image.ts";
import type { ContainerStats } from "../../api/schema/stats.ts";
import { withSample } from "./history.ts";
import { type Effect, initialState, type State, type UiEvent } from "./state.ts";
import { update } from "./update.ts";
import { view } from "./view.ts";
import { wantedBy } from "./wanted.ts";

const container = (name: string, State_: string, Status: string): ContainerSummary => ({
  Id: `id-${name}`,
  Names: [`/${name}`],
  Image: "busybox",
  ImageID: "sha256:1",
  Command: "sh",
  Created: 0,
  Ports: [],
  Labels: {},
  State: State_,
  Status,
  HostConfig: { NetworkMode: "bridge" },
  NetworkSettings: { Networks: {} },
  Mounts: [],
});
const image: ImageSummary = {
  Id: "sha256:1",
  RepoTags: ["busybox:latest"],
  RepoDigests: [],
  Created: 0,
  Size: 2_000_000,
  Containers: -1,
  Labels: null,
  ParentId: "",
  SharedSize: -1,
};
const CONTAINERS = [
  container("seed", "exited", "Exited (3) 2 minutes ago"),
  container("web", "running", "Up About an hour"),
  container("api", "running", "Up 3 minutes"),
];

/** What comes of events, one after the other. */
function play(
  state: State,
  ...events: (UiEvent | string)[]
): { readonly state: State; readonly effects: Effect[] } {
  const effects: Effect[] = [];
  let now = state;
  for (const event of events) {
    const updated = update(now, typeof event === "string" ? { type: "key", key: event } : event);
    now = updated.state;
    effects.push(...updated.effects);
  }
  return { state: now, effects };
}
const after = (state: State, ...events: (UiEvent | string)[]): State => play(state, ...events).state;
const things = (containers: readonly ContainerSummary[]): UiEvent => ({
  type: "things",
  things: { containers, images: [image] },
  now: 86_400_000,
});
const begun = (columns = 80, rows = 24): State =>
  after(initialState("unix:///run/wharf.sock", columns, rows), things(CONTAINERS), {
    type: "link",
    link: "up",
    reason: "",
  });
const picture = (state: State): string => view(state).lines().join("\n");
const chosen = (state: State): string => state.chosen[state.panel];

describe("the user interface", () => {
  it("lists what runs first, with its state in a few letters", () => {
    const lines = picture(begun());
    assert.match(lines, /● api +up 3m +- +-│/);
    assert.match(lines, /● web +up 1h/);
    assert.match(lines, /● seed +exit 3/);
    assert.ok(lines.indexOf("api") < lines.indexOf("web") && lines.indexOf("web") < lines.indexOf("seed"));
    assert.match(lines, /1 Containers 3 {3}2 Images 1/);
    assert.match(lines, /2 of 3 running/);
  });

  it("is whole at every size", () => {
    for (const [columns, rows] of [
      [200, 60],
      [80, 24],
      [40, 20],
      [20, 5],
      [1, 1],
    ] as const)
      for (const keys of [[], ["s"], ["i"], ["?"], ["d"], ["/", "x"], ["2"], ["enter"]]) {
        const state = after(begun(columns, rows), ...keys);
        const lines = view(state).lines();
        assert.equal(lines.length, rows);
        for (const line of lines) assert.ok(line.length <= columns, line);
      }
  });

  it("moves, and stays with what was chosen while the list changes", () => {
    const state = after(begun(), "j");
    assert.equal(chosen(state), "id-web");
    assert.equal(chosen(after(state, "j", "j", "j")), "id-seed");
    assert.equal(chosen(after(state, "k", "up")), "id-api");
    assert.equal(
      chosen(after(state, things([container("a", "running", "Up 1 second"), ...CONTAINERS]))),
      "id-web",
    );
    const without = CONTAINERS.filter(({ Id }) => Id !== "id-web");
    assert.equal(chosen(after(state, things(without))), "id-seed", "the next takes its place");
  });

  it("filters by words, and an escape ends that", () => {
    const state = after(begun(), "/", "E", "D", "enter");
    assert.match(picture(state), /seed/);
    assert.doesNotMatch(picture(state), /● web/);
    assert.match(picture(after(state, "escape")), /● web/);
    assert.match(picture(after(begun(), "/", "z")), /nothing fits/);
  });

  it("asks before it removes", () => {
    const state = after(begun(), "d");
    assert.match(picture(state), /Remove the container api\? It runs/);
    assert.deepEqual(play(state, "n").effects, []);
    assert.deepEqual(play(state, "j", "y").effects, [
      { kind: "act", act: { verb: "remove", panel: "containers", id: "id-api", name: "api" } },
    ]);
    assert.match(picture(after(begun(), "2", "x")), /Remove the image busybox:latest\?/);
  });

  it("does to a container what its state allows", () => {
    const verbs = (state: State, key: string) =>
      play(state, key).effects.map((effect) => (effect.kind === "act" ? effect.act.verb : effect.kind));
    assert.deepEqual(verbs(begun(), "S"), ["stop"]);
    assert.deepEqual(verbs(begun(), "r"), ["restart"]);
    assert.deepEqual(verbs(begun(), "p"), ["pause"]);
    assert.deepEqual(verbs(begun(), "e"), ["shell"]);
    const stopped = after(begun(), "G");
    assert.deepEqual(verbs(stopped, "S"), ["start"]);
    assert.deepEqual(verbs(stopped, "e"), []);
    assert.match(picture(after(stopped, "e")), /A shell needs a container that runs/);
    assert.deepEqual(verbs(after(begun(), things([container("p", "paused", "Up 1 hour (Paused)")])), "p"), [
      "unpause",
    ]);
    assert.deepEqual(verbs(begun(), "q"), ["quit"]);
  });

  it("shows a log with its end, stays where it is read, and finds words in it", () => {
    const log = (...texts: string[]): UiEvent => ({
      type: "log",
      id: "id-api",
      lines: texts.map((text) => ({ time: "2026-11-21T12:34:56.789000000Z", stream: 1, text })),
    });
    const many = Array.from({ length: 100 }, (_, index) => `line ${index}.`);
    const state = after(begun(), log(...many));
    assert.match(picture(state), /line 99\./);
    assert.match(picture(after(state, "t")), /12:34:56\.789 line 99/);
    const back = after(state, "enter", "k", "k");
    assert.doesNotMatch(picture(back), /line 98\./);
    assert.doesNotMatch(picture(after(back, log("new"))), /line 98\./, "more does not move it");
    assert.match(picture(after(back, "G")), /line 99\./);
    const found = picture(after(state, "enter", "/", "5", "9", "."));
    assert.match(found, /line 59\./);
    assert.doesNotMatch(found, /line 58\./);
    assert.equal(after(state, log(...Array(9000).fill("x"))).log.lines.length, 5000, "old lines go");
  });

  it("shows details as far as there are any", () => {
    const details: UiEvent = {
      type: "details",
      key: "id-api",
      lines: Array.from({ length: 50 }, (_, index) => ({ label: `label ${index}`, value: "x" })),
    };
    const state = after(begun(), "i", details, "enter");
    assert.match(picture(state), /label 0 /);
    assert.match(picture(after(state, "end")), /label 49 /);
    assert.match(picture(after(state, "end", "end", "up")), /label 48 /);
    assert.doesNotMatch(picture(after(state, "end", "up")), /label 49 /);
  });

  it("follows what is on the screen, and nothing without an engine", () => {
    const wanted = wantedBy(begun());
    assert.equal(wanted.log?.id, "id-api");
    assert.deepEqual(wanted.stats, ["id-api", "id-web"]);
    assert.equal(wantedBy(begun(40, 20)).log, undefined, "a narrow terminal shows no pane");
    assert.equal(wantedBy(after(begun(), "2")).details?.id, "busybox:latest");
    const again = wantedBy(after(begun(), { type: "started", id: "id-api" }));
    assert.notEqual(again.log?.key, wanted.log?.key, "another life is followed anew");
    const lost = after(begun(), { type: "link", link: "down", reason: "no such file" });
    assert.deepEqual(wantedBy(lost), { log: undefined, details: undefined, stats: [] });
    assert.match(picture(lost), /not reached \(no such file\)/);
  });

  it("makes rates and graphs of samples", () => {
    const sample = (second: number, received: number): ContainerStats => ({
      name: "/api",
      id: "id-api",
      read: new Date(second * 1000).toISOString(),
      preread: "",
      pids_stats: { current: 3 },
      blkio_stats: {
        io_service_bytes_recursive: [],
        io_serviced_recursive: null,
        io_queue_recursive: null,
        io_service_time_recursive: null,
        io_wait_time_recursive: null,
        io_merged_recursive: null,
        io_time_recursive: null,
        sectors_recursive: null,
      },
      num_procs: 0,
      storage_stats: {},
      cpu_stats: {
        cpu_usage: { total_usage: 50, usage_in_kernelmode: 0, usage_in_usermode: 0 },
        system_cpu_usage: 200,
        online_cpus: 2,
        throttling_data: { periods: 0, throttled_periods: 0, throttled_time: 0 },
      },
      precpu_stats: {
        cpu_usage: { total_usage: 0, usage_in_kernelmode: 0, usage_in_usermode: 0 },
        system_cpu_usage: 0,
        throttling_data: { periods: 0, throttled_periods: 0, throttled_time: 0 },
      },
      memory_stats: { usage: 1024 * 1024, limit: 4 * 1024 * 1024 },
      networks: {
        eth0: {
          rx_bytes: received,
          rx_packets: 0,
          rx_errors: 0,
          rx_dropped: 0,
          tx_bytes: 0,
          tx_packets: 0,
          tx_errors: 0,
          tx_dropped: 0,
        },
      },
    });
    const history = withSample(withSample(undefined, sample(1, 1000)), sample(3, 9000));
    assert.deepEqual(history.received, [0, 4000]);
    const state = after(begun(), { type: "stats", id: "id-api", history });
    assert.match(picture(state), /● api +up 3m +50\.0% +1M│/);
    const stats = picture(after(state, "s"));
    assert.match(stats, /CPU +50\.0%/);
    assert.match(stats, /Memory +1MiB of 4MiB/);
    assert.match(stats, /Network +↓ 4kB\/s, 9kB {2}↑ 0B\/s, 0B/);
    assert.match(stats, /██/);
    const stopped = things([container("api", "exited", "Exited (0) 1 second ago")]);
    assert.equal(after(state, stopped).stats.size, 0, "what has ended is not remembered");
  });

  it("shows names of strangers without what a terminal obeys", () => {
    const hostile = container("a\x1b[2J\u202eb\n漢字漢字漢字漢字漢字", "running", "Up 1 second");
    for (const line of view(after(begun(), things([hostile]))).lines())
      assert.doesNotMatch(line, /\p{Cc}|\u202e/u);
  });
});
