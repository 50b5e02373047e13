import assert from "node:assert/strict";
import { mkdtempSync, rmSync } from "node:fs";
import { createServer, type Server } from "node:http";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, before, describe, it } from "node:test";
import { dockerPath, execute, withoutDocker } from "../support/docker-cli.ts";
import { COLOUR } from "./compare.ts";

const wharf = join(import.meta.dirname, "../../wharf");
const id = (letter: string) => `sha256:${letter.repeat(64)}`;

const platform = (
  letter: string,
  Platform: object,
  Available: boolean,
  Containers: readonly string[] = [],
) => ({
  ID: id(letter),
  Descriptor: { mediaType: "application/vnd.oci.image.manifest.v1+json", digest: id(letter), size: 500 },
  Available,
  Kind: "image",
  Size: { Content: Available ? 2_130_000 : 0, Total: Available ? 4_567_890 : 0 },
  ImageData: { Platform, Containers, Size: { Unpacked: Available ? 2_437_890 : 0 } },
});
const attestation = { ...platform("f", {}, true), Kind: "attestation", AttestationData: { For: id("a") } };
const image = (
  letter: string,
  Created: number,
  RepoTags: readonly string[],
  Manifests: readonly object[],
  more: object = {},
) => ({
  Id: id(letter),
  Created,
  RepoTags,
  RepoDigests: [],
  Manifests,
  Size: 123_456_789,
  SharedSize: -1,
  Containers: 0,
  Labels: null,
  ParentId: "",
  ...more,
});

const amd64 = { os: "linux", architecture: "amd64" };
const arm64 = { os: "linux", architecture: "arm64", variant: "v8" };
const LISTS: Readonly<Record<string, readonly object[]>> = {
  "several platforms, one of them in use": [
    image(
      "a",
      100,
      ["app:1", "registry.example/team/app:latest"],
      [platform("b", amd64, true, ["c1"]), platform("c", arm64, false), attestation],
    ),
    image("d", 300, ["old:1"], [platform("e", amd64, true)], { Containers: 2 }),
    image("9", 200, [], []),
  ],
  "no platforms": [image("a", 1, ["one:1"], []), image("b", 2, ["two:2"], [], { Containers: 1 })],
  "a name wider than the rest leaves": [
    image("a", 1, [`registry.example/${"long/".repeat(12)}name:tag`], [platform("b", amd64, true)]),
  ],
  nothing: [],
};

/** Images of several platforms, which an engine of this project does not keep: what both commands make of such an answer. */
describe("images --tree is laid out as docker's", { skip: withoutDocker }, () => {
  let images: readonly object[] = [];
  let server: Server;
  const folder = mkdtempSync(join(tmpdir(), "wharf-tree-"));
  const socket = join(folder, "s");
  before(async () => {
    server = createServer((request, answer) => {
      answer
        .setHeader("Api-Version", "1.50")
        .setHeader("Ostype", "linux")
        .setHeader("Content-Type", "application/json");
      answer.end(request.url?.includes("/images/json") ? JSON.stringify(images) : "OK");
    });
    await new Promise<void>((resolve) => server.listen(socket, resolve));
  });
  after(() => {
    server.close();
    server.closeAllConnections();
    rmSync(folder, { recursive: true });
  });

  const env = { DOCKER_HOST: `unix://${socket}`, WHARF_HOST: "", DOCKER_CONFIG: folder, HOME: folder };
  for (const [title, list] of Object.entries(LISTS)) {
    it(title, async () => {
      images = list;
      for (const args of [
        ["images", "--tree"],
        ["image", "ls", "--tree", "-a"],
      ]) {
        const [expected, actual] = [
          await execute(dockerPath ?? "", args, { env }),
          await execute(wharf, args, { env }),
        ];
        const shown = ({ code, stdout, stderr }: typeof actual) => ({
          code,
          stderr,
          stdout: stdout.replace(COLOUR, ""),
        });
        assert.deepEqual(shown(actual), shown(expected));
      }
    });
  }
});
