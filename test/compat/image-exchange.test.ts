import assert from "node:assert/strict";
import { join } from "node:path";
import { describe, it } from "node:test";
import { type Reference, startReference } from "../../bench/reference.ts";
import { execute, output, withoutDocker, withoutRoot } from "../support/docker-cli.ts";
import { noRegistry, serveRegistry } from "../support/docker-registry.ts";
import { type EngineUnderTest, startEngine } from "../support/wharfd.ts";

const command = process.env["WHARF_REFERENCE"];
const withoutReference = command
  ? false
  : "WHARF_REFERENCE may name a program that starts (start: prints DOCKER_HOST=...) a real Docker engine and runs commands in its network namespace (exec)";
const HOST = "127.0.0.1:5997";

const FILE = 'FROM busybox\nRUN mkdir /d && echo made >/d/f && rm /bin/vi\nLABEL a=b\nCMD ["cat", "/d/f"]\n';

describe("images exchanged with Docker over a registry", {
  skip: withoutRoot || withoutDocker || noRegistry || withoutReference,
}, () => {
  it("are run by the one that did not make them, and keep id and digest", async () => {
    await using engine = await startEngine({ direct: true });
    await using reference = await startReference(command ?? "");
    await using _ours = await serveRegistry(
      HOST,
      engine.folder,
      "nsenter",
      `--net=/run/netns/${engine.name}`,
    );
    await using _theirs = await serveRegistry(HOST, engine.folder, command ?? "", "exec");
    const theirs = (...args: string[]) => output("docker", args, { env: reference.env });
    await theirs("load", "-qi", join(engine.folder, "busybox.tar"));
    await exchange(engine, reference, "ours", (...args) => engine.ok(...args), theirs);
    await exchange(engine, reference, "theirs", theirs, (...args) => engine.ok(...args));
  });
});

type Docker = (...args: string[]) => Promise<string>;

async function exchange(
  engine: EngineUnderTest,
  reference: Reference,
  maker: "ours" | "theirs",
  make: Docker,
  take: Docker,
): Promise<void> {
  const name = `${HOST}/exchange/${maker}:1`;
  const env = maker === "ours" ? engine.clientEnv : { ...engine.clientEnv, ...reference.env };
  const built = await execute("docker", ["build", "-q", "-t", name, "-"], { env, input: FILE });
  assert.equal(built.code, 0, built.stderr);
  try {
    const pushed = /digest: (sha256:\w+)/.exec(await make("push", name))?.[1];
    assert.ok(pushed);
    assert.match(await take("pull", name), new RegExp(`Digest: ${pushed}`));
    const id = (docker: Docker) => docker("image", "inspect", "-f", "{{.Id}} {{.RepoDigests}}", name);
    assert.equal(await id(take), await id(make));
    assert.equal(await take("run", "--rm", "--network=none", name), "made");
    assert.equal(
      (await take("run", "--rm", "--network=none", name, "sh", "-c", "ls /bin/vi || true")).trim(),
      "",
    );
    await take("tag", name, `${HOST}/exchange/back:1`);
    assert.match(await take("push", `${HOST}/exchange/back:1`), new RegExp(`digest: ${pushed}`));
  } finally {
    for (const docker of [make, take])
      for (const image of [name, `${HOST}/exchange/back:1`])
        await docker("rmi", "-f", image).catch(() => undefined);
  }
}
