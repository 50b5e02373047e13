import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { mkdtempSync, readdirSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, before, describe, it } from "node:test";
import { VERSION } from "../../src/base/version.ts";
import { dockerPath, execute, output, withoutDocker, withoutRoot } from "../support/docker-cli.ts";
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
  const inCheckout = { cwd: checkout, timeout: 120_000 };
  before(() => {
    folder = mkdtempSync(join(tmpdir(), "packages-"));
  });
  after(() => rmSync(folder, { recursive: true }));

  it("for npm are what npm pack makes: bundles and no TypeScript, and the checkout stays as it was", async () => {
    const before = readdirSync(checkout);
    const [name] = (
      await output("npm", ["pack", "--silent", "--pack-destination", folder], inCheckout)
    ).split("\n");
    assert.equal(name, `wharf-${VERSION}.tgz`);
    assert.deepEqual(readdirSync(checkout), before);
    const names = (await output("tar", ["-tzf", join(folder, name)])).split("\n");
    for (const name of ["wharf", "wharfd", "lib/cli.cjs", "lib/engine.cjs", "lib/registry.cjs", "README.md"])
      assert.ok(names.includes(`package/${name}`), name);
    assert.deepEqual(
      names.filter((name) => name.endsWith(".ts")),
      [],
    );
    assert.equal(await make("npm"), join(folder, name));
  });

  it("for npm are installed with npm alone, and work", async (t) => {
    const path = await make("npm");
    const place = join(folder, "global");
    const npm = (...words: readonly string[]) =>
      execute("npm", [...words, "--prefix", place], { timeout: 120_000 });
    const { code, stderr } = await npm(
      "install",
      "--global",
      "--ignore-scripts",
      "--no-audit",
      "--no-fund",
      path,
    );
    if (/EAI_AGAIN|ENOTFOUND|ECONNREFUSED|ENOTCACHED/.test(stderr))
      return t.skip("npm's registry is not reachable");
    assert.equal(code, 0, stderr);
    const packages = readdirSync(join(place, "lib/node_modules/wharf/node_modules"));
    assert.deepEqual(
      packages.filter((name) => !name.startsWith(".")),
      ["@koromix", "koffi", `node-linux-${process.arch}`, "uplot"],
    );
    const said = await onOwnMachine(`
      own=${place}/bin/wharf
      $own registry --version
      ${WORKS}`);
    assert.deepEqual(said.slice(0, -1), [VERSION, ...WORKED]);
    assert.match(said.at(-1) ?? "", /\/wharf\/lib\/start\/engine\.cjs$/);
    assert.equal((await npm("uninstall", "--global", "wharf")).code, 0);
    assert.deepEqual(readdirSync(join(place, "bin")), []);
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
      /^\/run\/deb\/usr\/lib\/wharf\/node .*\/run\/deb\/usr\/lib\/wharf\/lib\/start/,
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
