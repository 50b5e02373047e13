import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { once } from "node:events";
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { describe, it } from "node:test";
import { setTimeout as sleep } from "node:timers/promises";
import { type Reference, startReference } from "../../bench/reference.ts";
import { execute, output, withoutDocker, withoutRoot } from "../support/docker-cli.ts";
import { noRegistry } from "../support/docker-registry.ts";
import { type EngineUnderTest, startEngine } from "../support/wharfd.ts";

const command = process.env["WHARF_REFERENCE"];
const withoutReference = command
  ? false
  : "WHARF_REFERENCE may name a program that starts (start: prints DOCKER_HOST=...) a real Docker engine and runs commands in its network namespace (exec)";
const HOST = "127.0.0.1:5997";

/** Debian's registry, started by a command that leads into some namespace; the content is everybody's. */
async function serve(folder: string, name: string, ...enter: string[]): Promise<AsyncDisposable> {
  const file = join(folder, `${name}.json`);
  const storage = { filesystem: { rootdirectory: join(folder, "registry") } };
  writeFileSync(
    file,
    JSON.stringify({ version: 0.1, storage, http: { addr: HOST }, log: { level: "error" } }),
  );
  const [program = "", ...args] = [...enter, "docker-registry", "serve", file];
  const child = spawn(program, args, { stdio: "ignore", detached: true });
  const ended = once(child, "exit");
  const probe = [...enter, "bash", "-c", `</dev/tcp/${HOST.replace(":", "/")}`];
  for (let tries = 0; (await execute(probe[0] ?? "", probe.slice(1))).code !== 0; tries++) {
    if (tries > 200) throw new Error("docker-registry does not answer");
    await sleep(25);
  }
  return {
    [Symbol.asyncDispose]: async () => {
      // The whole group: a program that leads into a namespace may stay the parent.
      process.kill(-(child.pid ?? 0), "SIGKILL");
      await ended;
    },
  };
}

const FILE = 'FROM busybox\nRUN mkdir /d && echo made >/d/f && rm /bin/vi\nLABEL a=b\nCMD ["cat", "/d/f"]\n';

describe("images exchanged with Docker over a registry", {
  skip: withoutRoot || withoutDocker || noRegistry || withoutReference,
}, () => {
  it("are run by the one that did not make them, and keep id and digest", async () => {
    await using engine = await startEngine({ direct: true });
    await using reference = await startReference(command ?? "");
    await using _ours = await serve(engine.folder, "ours", "nsenter", `--net=/run/netns/${engine.name}`);
    await using _theirs = await serve(engine.folder, "theirs", command ?? "", "exec");
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
