import assert from "node:assert/strict";
import { mkdir, readdir, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { after, before, describe, it } from "node:test";
import { setTimeout as sleep } from "node:timers/promises";
import { output, withoutDocker, withoutRoot } from "../support/docker-cli.ts";
import { until } from "../support/until.ts";
import { call, type EngineUnderTest, startEngine } from "../support/wharfd.ts";

const ROUNDS = 6;
/** So many that a copy or a deletion takes some hundred milliseconds. */
const [FOLDERS, FILES] = [40, 60];

/** Names, modes, owners and contents of a whole tree. */
const checksum = (folder: string): Promise<string> =>
  output("sh", [
    "-c",
    `cd '${folder}' && { find . -printf '%p %m %U %G %y\\n' | sort; find . -type f -print0 | sort -z | xargs -0 md5sum; } | md5sum`,
  ]);

describe("volumes and an engine that is killed", { skip: withoutRoot || withoutDocker }, () => {
  let engine: EngineUnderTest;
  /** Of the image's content, and of a volume that nobody ever asks to remove. */
  let wanted: string;
  let precious: string;

  before(async () => {
    engine = await startEngine({ direct: true });
    const content = join(engine.folder, "content");
    for (let folder = 0; folder < FOLDERS; folder++) {
      await mkdir(join(content, `${folder}`), { recursive: true });
      for (let file = 0; file < FILES; file++)
        await writeFile(join(content, `${folder}/${file}`), `${folder} ${file}\n`.repeat(50));
    }
    const id = await engine.ok("create", "busybox");
    await engine.ok("cp", content, `${id}:/content`);
    await engine.ok("commit", id, "large");
    await engine.ok("rm", id);
    await engine.ok("run", "--rm", "-v", "precious:/content", "large", "true");
    wanted = await checksum(content);
    precious = await checksum(folderOf("precious"));
    assert.equal(precious, wanted);
  });
  after(() => engine?.[Symbol.asyncDispose]());

  const folderOf = (name: string) => join(engine.dataRoot, "volumes", name, "_data");
  const volumes = async () => (await engine.ok("volume", "ls", "-q")).split("\n").filter(Boolean);

  /** Kills the engine somewhere in the middle of a command, and starts it again. */
  async function killDuring(round: number, ...args: string[]): Promise<void> {
    const command = engine.docker(args);
    // Not to wait for something, but to hit another moment each time.
    await sleep(15 + round * 25);
    await engine.end("SIGKILL");
    await command;
    await engine.start();
  }

  /** What nobody asked to remove is there, and nothing half done is in the way. */
  async function nothingLost(): Promise<void> {
    assert.equal(await checksum(folderOf("precious")), precious);
    for (const left of [".removing", ".copying", ".swapping"]) {
      const folder = join(engine.dataRoot, "volumes", left);
      await until(`${left} is empty`, async () => (await readdir(folder).catch(() => [])).length === 0);
    }
  }

  it("a restore into a volume in use: it is as before or restored, and its container is not left frozen", async () => {
    await engine.ok("run", "--rm", "-v", "snapshot:/content", "large", "rm", "-r", "/content/0");
    const other = await checksum(folderOf("snapshot"));
    await engine.ok("run", "--rm", "-v", "live:/content", "large", "true");
    const id = await engine.ok("run", "-d", "-v", "live:/content", "large", "sleep", "1000");
    for (let round = 0; round < ROUNDS; round++) {
      const body = JSON.stringify({
        Name: "live",
        From: round % 2 === 0 ? "snapshot" : "precious",
        Pause: true,
      });
      const restored = call(engine.socket, "POST", "/wharf/v1/volumes/restore", body).catch(() => undefined);
      await sleep(15 + round * 40);
      await engine.end("SIGKILL");
      await restored;
      await engine.start();
      assert.equal(await engine.ok("inspect", "-f", "{{.State.Status}}", id), "running");
      await engine.ok("exec", id, "ls", "/content/1");
      assert.ok([other, wanted].includes(await checksum(folderOf("live"))));
      await nothingLost();
    }
    await engine.ok("rm", "-f", id);
    await engine.ok("volume", "rm", "live", "snapshot");
  });

  it("copy-up: a volume is empty or whole, and is filled by the next container", async () => {
    for (let round = 0; round < ROUNDS; round++) {
      const name = `copy${round}`;
      await killDuring(round, "create", "-v", `${name}:/content`, "large", "true");
      if ((await volumes()).includes(name)) {
        const found = await readdir(folderOf(name));
        assert.ok(found.length === 0 || (await checksum(folderOf(name))) === wanted, "empty or whole");
      }
      await engine.ok("run", "--rm", "-v", `${name}:/content`, "large", "true");
      assert.equal(await checksum(folderOf(name)), wanted);
      // On a quick machine the creation was done before the engine was killed: it would keep the volume.
      const made = await engine.ok("ps", "-aq");
      if (made !== "") await engine.ok("rm", ...made.split("\n"));
      await nothingLost();
    }
  });

  it("rm: a volume is whole or gone", async () => {
    for (let round = 0; round < ROUNDS; round++) {
      const name = `copy${round}`;
      await killDuring(round, "volume", "rm", name);
      const left = await readdir(join(engine.dataRoot, "volumes"));
      if ((await volumes()).includes(name)) assert.equal(await checksum(folderOf(name)), wanted);
      else assert.ok(!left.includes(name), "nothing of it is left");
      await engine.ok("volume", "rm", "-f", name);
      await nothingLost();
    }
  });

  it("prune: the same for each of several", async () => {
    for (let round = 0; round < 3; round++) {
      const ids = await Promise.all(
        [1, 2, 3].map(() => engine.ok("create", "-v", "/content", "large", "true")),
      );
      await engine.ok("rm", ...ids);
      await killDuring(round * 3, "volume", "prune", "-f");
      for (const name of await volumes())
        assert.equal(await checksum(folderOf(name)), wanted, `${name} is whole`);
      await engine.ok("volume", "prune", "-f");
      assert.deepEqual(await volumes(), ["precious"]);
      await nothingLost();
    }
  });
});
