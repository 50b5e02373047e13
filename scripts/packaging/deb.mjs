// A package for Debian and its kin, with the Node it needs: Debian 12 has an older one.
import { execFileSync } from "node:child_process";
import { chmodSync, copyFileSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { gzipSync } from "node:zlib";
import { checkout, copyModules, manifest, nodeBinary, writeTree } from "./tree.mjs";

const ARCHITECTURES = { x64: "amd64", arm64: "arm64" };
const HOME = "usr/lib/wharf";
/** Where each shell looks for completions. */
const COMPLETIONS = {
  bash: "usr/share/bash-completion/completions/wharf",
  zsh: "usr/share/zsh/vendor-completions/_wharf",
  fish: "usr/share/fish/vendor_completions.d/wharf.fish",
};
const UNITS = "wharf.socket wharf.service";

const control = (architecture, kilobytes) => `Package: wharf
Version: ${manifest.version}
Architecture: ${architecture}
Section: admin
Priority: optional
Maintainer: The Wharf authors <wharf@localhost>
Installed-Size: ${kilobytes}
Depends: libc6 (>= 2.28), libstdc++6, libatomic1, conmon, crun | runc, iptables
Recommends: nftables, busybox-static, ca-certificates
Suggests: mmdebstrap, docker-cli | docker.io
Description: container engine that speaks Docker's API
 Wharf runs containers for the docker command and everything else that speaks
 the Docker Engine API. It consists of the engine, wharfd, and of the wharf
 command, which takes what docker takes.
`;

// The first command after an installation would compile what all of them use; the rehearsal leaves it compiled.
const POSTINST = `#!/bin/sh
set -e
if [ "$1" = configure ]; then
  for word in ps run; do
    WHARF_REHEARSAL="--help,ps --help,images --help,run --help" /usr/bin/wharf $word >/dev/null 2>&1 || true
  done
  if [ -d /run/systemd/system ]; then
    systemctl daemon-reload
    if [ -z "$2" ]; then systemctl enable --now ${UNITS}; else systemctl try-restart wharf.service; fi
  fi
fi
`;
const PRERM = `#!/bin/sh
set -e
if [ "$1" = remove ] && [ -d /run/systemd/system ]; then
  systemctl disable --now ${UNITS}
fi
rm -f /${HOME}/lib/*.cjs.code
`;
const POSTRM = `#!/bin/sh
set -e
rm -rf /var/cache/wharf
if [ -d /run/systemd/system ]; then systemctl daemon-reload; fi
`;

function write(path, text, mode = 0o644) {
  mkdirSync(join(path, ".."), { recursive: true });
  writeFileSync(path, text);
  chmodSync(path, mode);
}

async function writeFiles(root) {
  const home = join(root, HOME);
  await writeTree(home);
  copyModules(home);
  copyFileSync(nodeBinary(), join(home, "node"));
  chmodSync(join(home, "node"), 0o755);
  // Packages of Debian have it among their documents (writeDocuments).
  rmSync(join(home, "CHANGELOG.md"));
  // Compiled code of the engine is kept where packages may write (launch.sh: keep_compiled).
  symlinkSync("/var/cache/wharf", join(home, ".cache"));
  mkdirSync(join(root, "var/cache/wharf"), { recursive: true });
  mkdirSync(join(root, "usr/bin"), { recursive: true });
  for (const name of ["wharf", "wharfd"]) symlinkSync(`../lib/wharf/${name}`, join(root, "usr/bin", name));

  const wharf = (...args) => execFileSync(join(home, "wharf"), args, { encoding: "utf8" });
  wharf("system", "install", "--root", root, "--engine", "/usr/bin/wharfd");
  for (const [shell, path] of Object.entries(COMPLETIONS)) write(join(root, path), wharf("completion", shell));
  for (const name of ["cli.cjs", "quick.cjs"]) rmSync(join(home, "lib", `${name}.code`), { force: true });
}

function writeManualPages(root, checkout) {
  const folder = join(root, "usr/share/man");
  execFileSync(process.execPath, [join(checkout, "scripts/man.ts"), folder], { stdio: ["ignore", "ignore", "inherit"] });
  for (const entry of readdirSync(folder, { recursive: true, withFileTypes: true })) {
    if (!entry.isFile()) continue;
    const path = join(entry.parentPath, entry.name);
    write(`${path}.gz`, gzipSync(readFileSync(path), { level: 9 }));
    rmSync(path);
  }
}

/** Texts that every package has, from the checkout's. */
function writeDocuments(root, checkout) {
  const folder = join(root, "usr/share/doc/wharf");
  const changes = gzipSync(readFileSync(join(checkout, "CHANGELOG.md")), { level: 9 });
  write(join(folder, "changelog.gz"), changes);
  write(join(folder, "copyright"), readFileSync(join(checkout, "LICENSE"), "utf8"));
}

/** Gives the path of the package. */
export async function makeDeb(dist, { compression }) {
  const architecture = ARCHITECTURES[process.arch];
  const root = mkdtempSync(join(tmpdir(), "wharf-deb-"));
  try {
    chmodSync(root, 0o755);
    await writeFiles(root);
    writeDocuments(root, checkout);
    writeManualPages(root, checkout);
    const [kilobytes] = execFileSync("du", ["-sk", root], { encoding: "utf8" }).split("\t");
    write(join(root, "DEBIAN/control"), control(architecture, kilobytes));
    write(join(root, "DEBIAN/postinst"), POSTINST, 0o755);
    write(join(root, "DEBIAN/prerm"), PRERM, 0o755);
    write(join(root, "DEBIAN/postrm"), POSTRM, 0o755);
    mkdirSync(dist, { recursive: true });
    const output = join(dist, `wharf_${manifest.version}_${architecture}.deb`);
    execFileSync("dpkg-deb", ["--root-owner-group", `-Z${compression}`, ...(compression === "none" ? [] : ["-z1"]), "--build", root, output], { stdio: ["ignore", "ignore", "inherit"] });
    return output;
  } finally {
    rmSync(root, { recursive: true });
  }
}
