import assert from "node:assert/strict";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, before, describe, it } from "node:test";
import { dockerPath, execute, withoutDocker, withoutRoot } from "../support/docker-cli.ts";
import { type EngineUnderTest, startEngine } from "../support/wharfd.ts";
import { words } from "./command-lines.ts";

const wharf = join(import.meta.dirname, "../../wharf");

/** What is written, and what is said that was meant. */
const SLIPS: readonly (readonly [line: string, ...meant: string[]])[] = [
  ["stop wbe", "web"],
  ["rm -f wbe", "web"],
  ["logs wbe", "web"],
  ["exec wbe true", "web"],
  ["inspect wbe", "web"],
  ["container inspect wbe", "web"],
  ["cp wbe:/etc/hosts -", "web:/etc/hosts"],
  ["stop wbe dnoe", "web instead of wbe", "done instead of dnoe"],
  ["rmi bsybox", "busybox"],
  ["history exampel/app:1.0", "example/app:1.0"],
  ["network rm nte1", "net1"],
  ["network connect net1 dnoe", "done"],
  ["volume inspect vlo1", "vol1"],
  ["volume rm vlo1", "vol1"],
  ["context use othr", "other"],
  ["run --network nte1 busybox true", "--network net1"],
  ["run --restart unles-stopped busybox true", "--restart unless-stopped"],
  ["run --pull nver busybox true", "--pull never"],
  ["run --cap-add NET_ADMN busybox true", "--cap-add NET_ADMIN"],
  ["run --log-driver josn-file busybox true", "--log-driver json-file"],
  ["run --attach stdotu busybox true", "--attach stdout"],
  ["kill --signal TREM web", "--signal TERM"],
  ["inspect --type contaner web", "--type container"],
  ["ps --filter stauts=running", "--filter status=running"],
  ["ps --filter status=runing", "--filter status=running"],
  ["ps --al", "--all"],
  ["container strt web", "'wharf container start'"],
  ["imges", "'wharf images'"],
  ["prune", "'wharf container prune'"],
];

/** Nothing near, or nothing wrong with the name. */
const PLAIN = [
  "stop nosuchthing",
  "rm web",
  "rm 0123456789ab",
  "network rm bridge",
  "exec web false",
  "run --network zzzzzz busybox true",
];

describe("did you mean", { skip: withoutRoot || withoutDocker }, () => {
  let engine: EngineUnderTest;
  const folder = mkdtempSync(join(tmpdir(), "wharf-meant-"));
  const env = () => ({
    WHARF_HOST: engine.host,
    DOCKER_HOST: engine.host,
    DOCKER_CONFIG: folder,
    HOME: folder,
  });
  const run = (program: string, line: string) => execute(program, words(line), { env: env() });
  const hints = (text: string) => text.split("\n").filter((line) => line.startsWith("Did you mean "));

  before(async () => {
    engine = await startEngine();
    await engine.ok("network", "create", "net1");
    await engine.ok("volume", "create", "vol1");
    await engine.ok("tag", "busybox:latest", "example/app:1.0");
    await engine.ok("run", "-d", "--name", "web", "busybox", "sleep", "100000");
    await engine.ok("create", "--name", "done", "busybox", "true");
    assert.equal((await run(wharf, "context create other --docker host=unix:///other")).code, 0);
  });
  after(async () => {
    await engine[Symbol.asyncDispose]();
    rmSync(folder, { recursive: true });
  });

  for (const [line, ...meant] of SLIPS) {
    it(`wharf ${line}`, async () => {
      const [said, docker] = [await run(wharf, line), await run(dockerPath ?? "", line)];
      const found = hints(said.stderr);
      assert.equal(found.length, meant.length, said.stderr);
      for (const [index, hint] of meant.entries())
        assert.ok(found[index]?.startsWith(`Did you mean ${hint}`), said.stderr);
      // What a script sees is what docker gives it.
      assert.deepEqual(
        { code: said.code, stdout: said.stdout },
        { code: docker.code, stdout: docker.stdout },
      );
    });
  }

  for (const line of PLAIN) {
    it(`nothing for wharf ${line}`, async () => assert.deepEqual(hints((await run(wharf, line)).stderr), []));
  }
});
