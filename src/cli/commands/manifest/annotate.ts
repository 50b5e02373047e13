import { command, exactly } from "../../command/command.ts";
import { offer, strings, text } from "../../flags/flag.ts";
import type { Platform } from "../../manifest/document.ts";
import { fullName } from "../../manifest/name.ts";
import { ManifestStore } from "../../manifest/store.ts";

/** Operating systems and the architectures each of them has, of those that docker takes. */
const ARCHITECTURES: Readonly<Record<string, readonly string[]>> = {
  darwin: ["386", "amd64", "arm", "arm64"],
  dragonfly: ["amd64"],
  freebsd: ["386", "amd64", "arm"],
  linux: ["386", "amd64", "arm", "arm64", "mips64", "mips64le", "ppc64le", "riscv64", "s390x"],
  netbsd: ["386", "amd64", "arm"],
  openbsd: ["386", "amd64", "arm"],
  plan9: ["386", "amd64"],
  solaris: ["amd64"],
  windows: ["386", "amd64"],
};

export default command({
  flags: {
    arch: offer(ARCHITECTURES["linux"] ?? [], text("", "Set architecture")),
    os: offer(Object.keys(ARCHITECTURES), text("", "Set operating system")),
    "os-features": strings("", "Set operating system feature"),
    "os-version": text("", "Set operating system version"),
    variant: text("", "Set architecture variant"),
  },
  arguments: exactly(2, "word"),
  async run({ chosen }, { values: flags, args: [target = "", image = ""] }) {
    const list = named("manifest list", target);
    const name = named("manifest", image);
    const store = new ManifestStore(chosen.folder);
    const manifest = store.get(list, name);
    if (manifest === undefined) throw new Error(`manifest for image ${image} does not exist in ${target}`);
    const platform: Platform = { architecture: "", os: "", ...manifest.descriptor.platform };
    if (flags.os) platform.os = flags.os;
    if (flags.arch) platform.architecture = flags.arch;
    if (flags.variant) platform.variant = flags.variant;
    if (flags["os-version"]) platform["os.version"] = flags["os-version"];
    platform["os.features"] = [...new Set([...(platform["os.features"] ?? []), ...flags["os-features"]])];
    if (!ARCHITECTURES[platform.os]?.includes(platform.architecture))
      throw new Error(
        `manifest entry for image has unsupported os/arch combination: ${flags.os}/${flags.arch}`,
      );
    await store.save(list, name, { ...manifest, descriptor: { ...manifest.descriptor, platform } });
  },
});

function named(what: string, written: string) {
  try {
    return fullName(written);
  } catch (error) {
    throw new Error(`annotate: error parsing name for ${what} ${written}: ${(error as Error).message}`, {
      cause: error,
    });
  }
}
