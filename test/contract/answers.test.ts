import assert from "node:assert/strict";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { describe, it } from "node:test";
import type { Engine, ImageView } from "../../src/api/index.ts";
import { memoryEngine, sampleContainer } from "../../src/api/server/testing/memory-engine.ts";
import { MemoryStdio } from "../../src/api/server/testing/memory-stdio.ts";
import { serve } from "../../src/api/server/testing/serve.ts";
import { dockerPath, execute, type Outcome, withoutDocker } from "../support/docker-cli.ts";
import { startRecordingProxy } from "../support/recording-proxy.ts";
import { type AnswerValidator, createAnswerValidator } from "../support/validate-answer.ts";
import { WHY_NO_SPEC } from "./spec.ts";

/** Only the forms of answers are looked at here: no container runs behind this engine. */
const image: ImageView = {
  id: sampleContainer.image,
  repoTags: ["busybox:latest"],
  repoDigests: [],
  parent: "",
  size: 1_984_154,
  lastTagged: undefined,
  config: {
    architecture: "amd64",
    os: "linux",
    created: "2026-11-21T07:12:38.36568606Z",
    config: { Cmd: ["sh"], Env: ["A=b"] },
    rootfs: { type: "layers", diff_ids: [`sha256:${"0".repeat(64)}`] },
  },
  folders: ["/layers/1/diff"],
  containers: 1,
};
const volume = {
  name: "data",
  driver: "local",
  mountpoint: "/volumes/data/_data",
  created: "2026-11-21T07:13:12Z",
  labels: {},
  options: {},
  scope: "local" as const,
  anonymous: false,
};
const network: ReturnType<Engine["networks"]["inspect"]> = {
  id: "7589c0d9cc10",
  name: "net",
  created: "2026-11-21T07:13:12.487072334Z",
  scope: "local",
  driver: "bridge",
  enableIPv4: true,
  enableIPv6: false,
  internal: false,
  attachable: false,
  ingress: false,
  ipam: { driver: "default", options: null, config: [{ subnet: "172.18.0.0/16", gateway: "172.18.0.1" }] },
  options: {},
  labels: {},
  containers: [],
};

function engine(): Engine {
  const stdio = new MemoryStdio();
  stdio.say("stdout", "hello\n");
  stdio.finish();
  return memoryEngine({
    containers: {
      list: () => [sampleContainer],
      inspect: () => sampleContainer,
      inspectLaunched: async () => sampleContainer,
      size: async () => ({ rw: 5, rootFs: 10 }),
      create: async () => ({ id: sampleContainer.id, warnings: [] }),
      start: async () => undefined,
      attach: async () => stdio,
      wait: async () => ({ exited: Promise.resolve({ exitCode: 7 }) }),
      top: async () => ({ titles: ["PID", "CMD"], processes: [["1", "sh"]] }),
      changes: async () => [{ path: "/a", kind: "added" }],
    },
    images: { list: async () => [image], inspect: async () => image, history: () => [] },
    networks: { list: () => [network], inspect: () => network },
    volumes: { list: async () => ({ volumes: [volume], warnings: [] }), inspect: async () => volume },
    system: {
      async *events() {
        const actor = { id: sampleContainer.id, attributes: { image: "busybox", name: "web" } };
        yield { type: "container", action: "start", actor, timeNano: 1_795_245_158_367_741_412n };
      },
      diskUsage: async () => ({
        layersSize: 1_984_154,
        images: [image],
        containers: [{ ...sampleContainer, sizeRw: 5, sizeRootFs: 10 }],
        volumes: [{ ...volume, size: 3, refCount: 1 }],
      }),
    },
    builder: {
      cacheEntries: async () => [
        {
          id: image.id,
          parents: ["sha256:parent"],
          type: "regular",
          description: "RUN true",
          inUse: false,
          shared: true,
          size: 12,
          created: 1_795_245_158_367,
          used: 1_795_245_158_367,
          uses: 3,
        },
      ],
    },
  });
}

async function throughProxy(args: readonly string[], check: AnswerValidator | undefined): Promise<Outcome> {
  await using server = await serve(engine());
  const folder = await mkdtemp(join(tmpdir(), "wharf-proxy-"));
  try {
    await using proxy = await startRecordingProxy(server.socketPath, join(folder, "p.sock"));
    const host = ["-H", `unix://${proxy.socketPath}`];
    const outcome = await execute(dockerPath ?? "docker", [...host, ...args], { timeout: 60_000 });
    assert.ok(proxy.answers.length > 0, "the proxy saw the answers");
    assert.deepEqual(
      proxy.answers.flatMap((answer) => check?.check(answer) ?? []),
      [],
    );
    return outcome;
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

describe("answers as the stock docker command reads them", { skip: withoutDocker }, () => {
  const check = createAnswerValidator();
  const rows: readonly (readonly [string, number, RegExp])[] = [
    ["version", 0, /API version: +1\.50 \(minimum version 1\.24\)/],
    ["info", 0, /Server Version: 0\.1\.0/],
    ["ps -a --size --no-trunc", 0, /0\.0\.0\.0:8080->80\/tcp.*5B \(virtual 10B\)/],
    ["inspect --size web", 0, /"SizeRootFs": 10/],
    ["top web", 0, /PID +CMD/],
    ["diff web", 0, /^A \/a/],
    ["run busybox", 7, /^hello$/m],
    ["wait web", 0, /^7$/m],
    ["images", 0, /busybox +latest/],
    ["image inspect busybox", 0, /"RootFS"/],
    ["history busybox", 0, /IMAGE/],
    ["network ls", 0, /net +bridge +local/],
    ["network inspect net", 0, /172\.18\.0\.0\/16/],
    ["volume ls", 0, /local +data/],
    ["volume inspect data", 0, /_data/],
    ["system df -v", 0, /busybox/],
    ["events --since 1 --until 2", 0, /container start .*name=web/],
    ["plugin ls", 0, /ID +NAME/],
    ["node ls", 1, /^$/],
  ];
  for (const [command, code, pattern] of rows) {
    it(`docker ${command}`, async (t) => {
      if (!check) t.diagnostic(`answers are not validated: ${WHY_NO_SPEC}`);
      const outcome = await throughProxy(command.split(" "), check);
      assert.equal(outcome.code, code, outcome.stderr);
      assert.match(outcome.stdout, pattern);
    });
  }
});
