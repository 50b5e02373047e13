import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, before, describe, it } from "node:test";
import { VERSION } from "../../src/base/version.ts";
import { dockerPath, output, withoutDocker, withoutRoot } from "../support/docker-cli.ts";
import { onOwnMachine } from "../support/own-machine.ts";

const checkout = join(import.meta.dirname, "../..");
const withoutDpkg = spawnSync("dpkg-deb", ["--version"]).status === 0 ? false : "needs dpkg-deb";

/** What an installation must be able to do: start its engine, make an image, run a container, serve the registry's page. */
const WORKS = `
  $own image bootstrap busybox >/dev/null 2>&1
  ${dockerPath} -H unix:///run/wharf/wharf.sock run --rm busybox echo from a container
  $own version --format '{{.Server.Version}}'
  $own demo | sed -n 's/.*page fetched.*"\\(.*\\)".*/\\1/p'
  tr '\\0' ' ' </proc/$(cat /run/wharf/wharfd.pid)/cmdline
  echo
  kill $(cat /run/wharf/wharfd.pid)`;
const WORKED = ["from a container", VERSION, "Hello from Wharf"];

describe("packages", { skip: withoutRoot || withoutDocker }, () => {
  let folder = "";
  const make = (...words: readonly string[]) =>
    output(join(checkout, "scripts/package"), ["--to", folder, "--compression", "none", ...words], {
      timeout: 120_000,
    });
  before(() => {
    folder = mkdtempSync(join(tmpdir(), "packages-"));
  });
  after(() => rmSync(folder, { recursive: true }));

  it("for npm hold bundles and no TypeScript", async () => {
    const path = await make("npm");
    const names = (await output("tar", ["-tzf", path])).split("\n");
    for (const name of [
      "package.json",
      "wharf",
      "wharfd",
      "lib/cli.cjs",
      "lib/engine.cjs",
      "lib/registry.cjs",
    ])
      assert.ok(names.includes(`package/${name}`), name);
    assert.deepEqual(
      names.filter((name) => name.endsWith(".ts")),
      [],
    );
    const text = await output("tar", ["-xzOf", path, "package/package.json"]);
    const { version, dependencies } = JSON.parse(text) as Record<string, unknown>;
    assert.equal(version, VERSION);
    assert.deepEqual(Object.keys(dependencies as object), ["koffi", "uplot"]);
  });

  it("for Debian bring everything along", { skip: withoutDpkg }, async () => {
    const path = await make("deb");
    assert.match(await output("dpkg-deb", ["-I", path]), /Depends: .*conmon, crun \| runc/);
    const said = await onOwnMachine(`
      dpkg-deb -x ${path} /run/deb
      cd /run/deb
      ls usr/lib/systemd/system usr/share/bash-completion/completions | grep wharf | sort
      ls usr/share/man/man8
      own=/run/deb/usr/bin/wharf
      ${WORKS}`);
    assert.deepEqual(said.slice(0, -1), ["wharf", "wharf.service", "wharf.socket", "wharfd.8.gz", ...WORKED]);
    assert.match(
      said.at(-1) ?? "",
      /^\/run\/deb\/usr\/lib\/wharf\/node .*\/run\/deb\/usr\/lib\/wharf\/scripts/,
    );
  });

  it("of one file run where there is nothing but the libraries of Node", async () => {
    const path = await make("sea");
    const said = await onOwnMachine(`
      root=/run/root
      mkdir -p $root/bin $root/dev && mknod $root/dev/null c 1 3 && mknod $root/dev/urandom c 1 9
      cp ${path} $root/bin/wharf && ln $root/bin/wharf $root/bin/wharfd
      for library in $(ldd ${path} | grep -o '/[^ ]*'); do
        mkdir -p $root\${library%/*} && cp -L $library $root$library
      done
      PATH=$PATH:/usr/sbin
      chroot $root /bin/wharf --version
      chroot $root /bin/wharfd --version
      mount -t tmpfs tmpfs /var/cache
      own=$root/bin/wharf
      ${WORKS}`);
    const version = `Wharf version ${VERSION}`;
    assert.deepEqual(said, [version, version, ...WORKED, "/run/root/bin/wharf wharfd"]);
  });
});
