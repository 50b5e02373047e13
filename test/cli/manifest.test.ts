import assert from "node:assert/strict";
import { createHash } from "node:crypto";
import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, before, describe, it } from "node:test";
import { dockerPath, execute, type Outcome, programPath, withoutDocker } from "../support/docker-cli.ts";
import { type DebianRegistry, noRegistry, startRegistry } from "../support/docker-registry.ts";
import { words } from "./command-lines.ts";
import { plain } from "./compare.ts";

const wharf = join(import.meta.dirname, "../../wharf");
const docker = dockerPath ?? "docker";

const digestOf = (bytes: string): string => `sha256:${createHash("sha256").update(bytes).digest("hex")}`;

const DOCKER = "application/vnd.docker.distribution.manifest.v2+json";
const OCI = "application/vnd.oci.image.manifest.v1+json";

async function sent(answer: Promise<Response>): Promise<Response> {
  const got = await answer;
  assert.ok(got.ok, `${got.status} ${await got.clone().text()}`);
  return got;
}

async function pushBlob(
  host: string,
  path: string,
  bytes: string,
): Promise<{ digest: string; size: number }> {
  const begun = await sent(fetch(`http://${host}/v2/${path}/blobs/uploads/`, { method: "POST" }));
  const place = new URL(begun.headers.get("location") ?? "", `http://${host}`);
  place.searchParams.set("digest", digestOf(bytes));
  await sent(fetch(place, { method: "PUT", body: bytes }));
  return { digest: digestOf(bytes), size: bytes.length };
}

/** An image of one platform, laid out as no encoder of ours would do it: its digest is that of its bytes. */
async function pushImage(host: string, name: string, mediaType: string, platform: object): Promise<void> {
  const [path = "", tag = ""] = name.split(":");
  const config = await pushBlob(
    host,
    path,
    JSON.stringify({ ...platform, rootfs: { type: "layers", diff_ids: [] } }),
  );
  const layer = await pushBlob(host, path, `layer of <${name}> & more`);
  const kind = mediaType === DOCKER ? "application/vnd.docker" : "application/vnd.oci.image";
  const manifest = {
    schemaVersion: 2,
    mediaType,
    config: {
      mediaType:
        mediaType === DOCKER
          ? "application/vnd.docker.container.image.v1+json"
          : "application/vnd.oci.image.config.v1+json",
      ...config,
    },
    layers: [
      {
        mediaType: mediaType === DOCKER ? `${kind}.image.rootfs.diff.tar.gzip` : `${kind}.layer.v1.tar+gzip`,
        ...layer,
      },
    ],
  };
  const body = JSON.stringify(manifest, undefined, 3);
  await sent(
    fetch(`http://${host}/v2/${path}/manifests/${tag}`, {
      method: "PUT",
      body,
      headers: { "Content-Type": mediaType },
    }),
  );
}

/** Command lines in their order; HOST is the registry, MINE a repository that each program has to itself. */
const LINES = `
  manifest inspect --insecure HOST/app:amd64
  manifest inspect --insecure -v HOST/app:amd64
  manifest inspect --insecure HOST/app:arm64
  manifest inspect --insecure -v HOST/oci:riscv
  manifest inspect --insecure HOST/app:none
  manifest inspect --insecure HOST/App
  manifest inspect --insecure HOST/app:x HOST/app:amd64
  manifest create --insecure HOST/app:list
  manifest create --insecure HOST/App:list HOST/app:amd64
  manifest create --insecure HOST/app:list HOST/app:none
  manifest create --insecure HOST/app:list HOST/app:amd64 HOST/app:arm64
  manifest create --insecure HOST/app:list HOST/app:amd64
  manifest inspect --insecure HOST/app:list
  manifest inspect --insecure -v HOST/app:list
  manifest inspect --insecure HOST/app:list HOST/app:arm64
  manifest inspect --insecure -v HOST/app:list HOST/app:arm64
  manifest annotate HOST/app:list HOST/app:arm64 --variant v8 --os-features a,b --os-features a --os-version 10.0
  manifest annotate HOST/app:list HOST/app:arm64 --os linx
  manifest annotate HOST/app:list HOST/app:none --os linux
  manifest annotate HOST/App HOST/app:none --os linux
  manifest inspect --insecure HOST/app:list
  manifest push --insecure HOST/app:list
  manifest inspect --insecure HOST/app:list HOST/app:amd64
  manifest push --insecure --purge HOST/app:list
  manifest push --insecure HOST/app:list
  manifest inspect --insecure HOST/app:list
  manifest inspect --insecure -v HOST/app:list
  manifest create --insecure HOST/app:again HOST/app:list
  manifest create --insecure --amend HOST/MINE:multi HOST/app:amd64 HOST/oci:riscv
  manifest create --insecure --amend HOST/MINE:multi HOST/app:arm64
  manifest push --insecure HOST/MINE:multi
  manifest inspect --insecure HOST/MINE:multi
  manifest create --insecure HOST/MINE:oci HOST/oci:riscv
  manifest push --insecure HOST/MINE:oci
  manifest inspect --insecure HOST/MINE:oci
  manifest create --insecure HOST/MINE:bare HOST/oci:bare
  manifest push --insecure HOST/MINE:bare
  manifest annotate HOST/MINE:bare HOST/oci:bare --os linux --arch s390x
  manifest push --insecure HOST/MINE:bare
  manifest create --insecure other.invalid/x:y HOST/app:amd64
  manifest push --insecure other.invalid/x:y
  manifest rm HOST/MINE:oci HOST/MINE:none HOST/App HOST/MINE:bare
  manifest rm HOST/MINE:oci
`
  .trim()
  .split("\n")
  .map((line) => line.trim());

describe("manifest lists", { skip: withoutDocker || noRegistry }, () => {
  let registry: DebianRegistry;
  const folder = mkdtempSync(join(tmpdir(), "wharf-manifest-"));
  const programs = { docker, wharf };
  const mine = { docker: "mine-d", wharf: "mine-w" };
  type Program = keyof typeof programs;
  const config = (program: string) => join(folder, program);

  before(async () => {
    registry = await startRegistry();
    const { host } = registry;
    await pushImage(host, "app:amd64", DOCKER, { architecture: "amd64", os: "linux" });
    await pushImage(host, "app:arm64", DOCKER, { architecture: "arm64", os: "linux" });
    await pushImage(host, "oci:riscv", OCI, { architecture: "riscv64", os: "linux" });
    await pushImage(host, "oci:bare", OCI, {});
  });
  after(async () => {
    await registry[Symbol.asyncDispose]();
    rmSync(folder, { recursive: true });
  });

  async function run(
    program: Program,
    line: string,
    extra: Readonly<Record<string, string>> = {},
  ): Promise<Outcome> {
    const args = words(line.replaceAll("HOST", registry.host).replaceAll("MINE", mine[program]));
    const env = {
      HOME: folder,
      DOCKER_CONFIG: config(program),
      DOCKER_HOST: "unix:///nonexistent",
      WHARF_HOST: "",
      ...extra,
    };
    const { code, stdout, stderr } = await execute(programs[program], args, { env });
    const text = (said: string) => plain(said.replaceAll(mine[program], "MINE"), folder);
    // Digests are compared as they are.
    return { code, stdout: stdout.replaceAll(mine[program], "MINE"), stderr: text(stderr) };
  }

  /** Contents of the files of a store, by their names. */
  function store(program: Program): Readonly<Record<string, string>> {
    const root = join(config(program), "manifests");
    const files = readdirSync(root, { recursive: true, withFileTypes: true }).filter((entry) =>
      entry.isFile(),
    );
    return Object.fromEntries(
      files.map(({ parentPath, name }) => [
        join(parentPath, name).slice(root.length).replaceAll(mine[program], "MINE"),
        readFileSync(join(parentPath, name), "utf8"),
      ]),
    );
  }

  for (const line of LINES) {
    it(line, async () => {
      const expected = await run("docker", line);
      assert.deepEqual(await run("wharf", line), expected);
    });
  }

  it("keeps the same files as docker, and goes on with docker's", async () => {
    assert.deepEqual(store("wharf"), store("docker"));
    assert.equal((await run("docker", "manifest create --insecure HOST/app:shared HOST/app:amd64")).code, 0);
    const inspected = await run("wharf", "manifest inspect HOST/app:shared", {
      DOCKER_CONFIG: config("docker"),
    });
    assert.deepEqual(inspected, await run("docker", "manifest inspect HOST/app:shared"));
    assert.equal(inspected.code, 0);
  });

  const withoutSkopeo =
    programPath("skopeo") === undefined ? "needs skopeo (scripts/setup test installs it)" : false;
  it("speaks to registries with TLS and with passwords", { skip: withoutSkopeo }, async () => {
    await using secure = await startRegistry(
      "test:$2y$05$qV5bI1mMMnzzCVflV0AYVusctqjsrd9paYqlSRKrtdgPX815T.Q.e\n",
      true,
    );
    const { host } = secure;
    for (const name of ["app:amd64", "oci:riscv"]) {
      const ends = [`docker://${registry.host}/${name}`, `docker://${host}/${name}`];
      const copied = await execute("skopeo", [
        "copy",
        "--preserve-digests",
        "--src-tls-verify=false",
        "--dest-tls-verify=false",
        "--dest-creds=test:secret",
        ...ends,
      ]);
      assert.equal(copied.code, 0, copied.stderr);
    }
    const inspect = `manifest inspect --insecure ${host}/app:amd64`;
    const refused = await run("wharf", inspect);
    assert.deepEqual([refused.code, refused.stderr], [1, `no such manifest: ${host}/app:amd64\n`]);
    const folderOf = config("wharf");
    mkdirSync(folderOf, { recursive: true });
    const auths = { [host]: { auth: Buffer.from("test:secret").toString("base64") } };
    writeFileSync(join(folderOf, "config.json"), JSON.stringify({ auths }));
    assert.deepEqual(await run("wharf", inspect), await run("docker", inspect, { DOCKER_CONFIG: folderOf }));
    for (const line of [
      `manifest create --insecure ${host}/new:list ${host}/app:amd64 ${host}/oci:riscv`,
      `manifest push --insecure --purge ${host}/new:list`,
      `manifest inspect --insecure ${host}/new:list`,
    ]) {
      const { code, stderr } = await run("wharf", line);
      assert.deepEqual({ line, code, stderr }, { line, code: 0, stderr: "" });
    }
    const list = `manifest inspect --insecure ${host}/new:list`;
    assert.deepEqual(await run("wharf", list), await run("docker", list, { DOCKER_CONFIG: folderOf }));
  });
});
