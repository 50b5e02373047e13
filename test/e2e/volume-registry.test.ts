import assert from "node:assert/strict";
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { after, before, describe, it } from "node:test";
import { linuxKernel } from "../../src/kernel/index.ts";
import { output, withoutDocker, withoutRoot } from "../support/docker-cli.ts";
import { noRegistry, serveRegistry } from "../support/docker-registry.ts";
import { RegistryProcess, wharf } from "../support/wharf-registry.ts";
import { type EngineUnderTest, startEngine } from "../support/wharfd.ts";

const PORT = 5996;
const HOST = `127.0.0.1:${PORT}`;

/** Files as a database and a hostile container may leave them. */
const FILL = `
  mkdir -p /v/data/deep /v/empty; chmod 1777 /v/empty; chmod 700 /v/data
  head -c 3000000 /dev/urandom >/v/data/table; chown 999:998 /v/data/table /v/data; chmod 640 /v/data/table
  echo set >/v/data/deep/setuid; chown 70:70 /v/data/deep/setuid; chmod 6755 /v/data/deep/setuid
  ln /v/data/table /v/data/deep/second-name; ln -s ../table /v/data/deep/relative; ln -s /nowhere /v/dangling
  mkfifo -m 620 /v/queue; echo "with a space" >"/v/with a space"; touch /v/.hidden
  chown 1234:4321 /v; chmod 2750 /v; touch -d "2001-02-03 04:05:06" /v/.hidden /v/data /v`;

const LIST = `cd "$1" && { find . -printf '%P %y %m %U %G %n %l %Ts\\n' | sort; find . -type f -print0 | sort -z | xargs -0 sha256sum; }`;

describe("a volume moves to another engine through a registry", {
  skip: withoutRoot || withoutDocker || noRegistry,
}, () => {
  const { files } = linuxKernel();
  let here: EngineUnderTest;
  let there: EngineUnderTest;
  let wanted: string;
  before(async () => {
    [here, there] = await Promise.all([startEngine({ direct: true }), startEngine({ direct: true })]);
    await here.ok("run", "--rm", "-v", "db:/v", "busybox", "sh", "-ec", FILL);
    const { data } = folder(here, "db");
    files.setXattr(join(data, "data/table"), "user.note", Buffer.from([1, 0, 255]));
    files.setXattr(join(data, "empty"), "user.folder", Buffer.from("f"));
    wanted = await tree(here, "db");
  });
  after(async () => {
    await here?.[Symbol.asyncDispose]();
    await there?.[Symbol.asyncDispose]();
  });

  const folder = (engine: EngineUnderTest, name: string) => ({
    data: join(engine.dataRoot, "volumes", name, "_data"),
  });
  const tree = (engine: EngineUnderTest, name: string): Promise<string> =>
    output("sh", ["-c", LIST, "sh", folder(engine, name).data]);
  const command = (engine: EngineUnderTest, ...args: string[]) =>
    output(wharf, args, { env: { WHARF_HOST: engine.host, DOCKER_HOST: engine.host } });

  function hasXattrs(name: string): void {
    const { data } = folder(there, name);
    assert.deepEqual([...(files.getXattr(join(data, "data/table"), "user.note") ?? [])], [1, 0, 255]);
    assert.deepEqual(files.listXattrs(join(data, "empty")), ["user.folder"]);
  }

  async function moved(
    name: string,
    serve: (engine: EngineUnderTest) => Promise<AsyncDisposable>,
  ): Promise<void> {
    const reference = `${HOST}/backup/${name}:1`;
    await command(here, "volume", "export", "--pause", "--as-image", reference, "db");
    {
      await using _registry = await serve(here);
      await command(here, "push", "-q", reference);
    }
    {
      await using _registry = await serve(there);
      await command(there, "pull", "-q", reference);
    }
    assert.equal(await command(there, "volume", "import", "--from-image", reference, name), name);
    assert.equal(await tree(there, name), wanted);
    hasXattrs(name);
    // An application there that has other data gets this one.
    await there.ok("run", "--rm", "-v", `app-${name}:/v`, "busybox", "touch", "/v/other");
    await command(there, "volume", "restore", `app-${name}`, name);
    assert.equal(await tree(there, `app-${name}`), wanted);
    // Without a copy, as a mount of the image.
    const mount = `type=image,src=${reference},dst=/v`;
    assert.equal(
      await there.ok("run", "--rm", "--mount", mount, "busybox", "stat", "-c", "%u:%g %a", "/v/data/table"),
      "999:998 640",
    );
    await there.ok("volume", "rm", name, `app-${name}`);
    await there.ok("rmi", reference);
    await here.ok("rmi", reference);
  }

  it("of Debian's package", () =>
    moved("debian", (engine) =>
      serveRegistry(HOST, here.folder, "nsenter", `--net=/run/netns/${engine.name}`),
    ));

  it("of wharf", () => {
    const data = join(here.folder, "wharf-registry");
    return moved("own", ({ name }) => RegistryProcess.start({ netns: name, port: PORT, data }));
  });

  it("as a tar, which is the same as that of tar", async () => {
    const file = join(here.folder, "db.tar");
    await command(here, "volume", "export", "-o", file, "db");
    await command(there, "volume", "import", "tarred", file);
    assert.equal(await tree(there, "tarred"), wanted);
    hasXattrs("tarred");
    const own = join(here.folder, "own.tar");
    writeFileSync(own, "");
    await output("tar", ["--xattrs", "-C", folder(here, "db").data, "-cf", own, "."]);
    await command(there, "volume", "import", "by-tar", own);
    assert.equal(await tree(there, "by-tar"), wanted);
    hasXattrs("by-tar");
    await there.ok("volume", "rm", "tarred", "by-tar");
  });
});
