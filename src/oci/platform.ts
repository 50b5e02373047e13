import { arch } from "node:os";
import { invalidParameter } from "../base/errors.ts";

/** An operating system and processor, in Go's names (OCI image-index.md, "platform"). */
export interface Platform {
  readonly os: string;
  readonly architecture: string;
  readonly variant?: string;
  readonly "os.version"?: string;
  readonly "os.features"?: readonly string[];
}

const ARCHITECTURES: Readonly<Record<string, readonly [architecture: string, variant?: string]>> = {
  x86_64: ["amd64"],
  "x86-64": ["amd64"],
  x64: ["amd64"],
  i386: ["386"],
  ia32: ["386"],
  aarch64: ["arm64"],
  armhf: ["arm", "v7"],
  armel: ["arm", "v6"],
  ppc64el: ["ppc64le"],
};
const KNOWN = new Set([
  "386",
  "amd64",
  "arm",
  "arm64",
  "loong64",
  "mips64le",
  "ppc64le",
  "riscv64",
  "s390x",
  "wasm",
]);
const SYSTEMS = new Set(["linux", "windows", "darwin", "freebsd", "wasi", "wasip1"]);
const PART = /^[A-Za-z0-9_.-]{1,32}$/;

/** Common spellings to the one form that is compared: x86_64 is amd64, arm64/v8 is arm64, arm is arm/v7. */
export function normalizePlatform(platform: Platform): Platform {
  const name = platform.architecture.toLowerCase();
  const [architecture, implied] = ARCHITECTURES[name] ?? [name];
  const given = platform.variant?.toLowerCase() || implied;
  const variant = plainVariant(architecture, given && /^\d/.test(given) ? `v${given}` : given);
  const { os, variant: _given, architecture: _name, ...rest } = platform;
  return { os: systemName(os.toLowerCase()), architecture, ...(variant ? { variant } : {}), ...rest };
}

const systemName = (os: string): string => (os === "macos" ? "darwin" : os);

function plainVariant(architecture: string, variant: string | undefined): string | undefined {
  if (architecture === "arm") return variant ?? "v7";
  if (architecture === "arm64" && variant === "v8") return undefined;
  if (architecture === "amd64" && variant === "v1") return undefined;
  return variant;
}

/** Where this process runs. */
export const hostPlatform = (): Platform => normalizePlatform({ os: "linux", architecture: arch() });

/**
 * Reads `--platform`: "linux", "arm64", "linux/arm64", "linux/arm/v7". What is left out is the host's.
 * Throws invalidParameter.
 */
export function parsePlatform(text: string): Platform {
  const parts = text.split("/");
  const shown = JSON.stringify(text.slice(0, 100));
  const [first = "", architecture, variant] = parts;
  const wrong = parts.find((part) => !PART.test(part));
  if (wrong !== undefined) {
    const kind = wrong === first ? "OS component" : "component";
    throw invalidParameter(
      `${JSON.stringify(wrong.slice(0, 100))} is an invalid ${kind} of ${shown}: a platform is os[/arch[/variant]], e.g. linux/arm64`,
    );
  }
  if (parts.length > 3)
    throw invalidParameter(
      `${shown}: cannot parse platform specifier: it is os[/arch[/variant]], e.g. linux/arm64`,
    );
  if (architecture !== undefined) return normalizePlatform({ os: first, architecture, variant });
  const { os } = normalizePlatform({ ...hostPlatform(), os: first });
  if (SYSTEMS.has(os)) return { ...hostPlatform(), os };
  const alone = normalizePlatform({ os: "linux", architecture: first });
  if (KNOWN.has(alone.architecture)) return alone;
  throw invalidParameter(`"${first}": unknown operating system or architecture: name both, e.g. linux/amd64`);
}

/** "linux/arm/v7". */
export const formatPlatform = ({ os, architecture, variant }: Platform): string =>
  [os, architecture, ...(variant ? [variant] : [])].join("/");

const generation = (variant: string | undefined): number => Number(/^v(\d+)/.exec(variant ?? "")?.[1] ?? 0);

/**
 * How well an image made for `offered` serves `wanted`: 0 not at all, higher is better. A processor runs what was made
 * for its own generation and for earlier ones of the same architecture.
 */
export function platformScore(wanted: Platform, offered: Platform): number {
  const [want, offer] = [normalizePlatform(wanted), normalizePlatform(offered)];
  if (want.os !== offer.os || want.architecture !== offer.architecture) return 0;
  if (want.variant === offer.variant) return 1000;
  const floor = want.architecture === "arm64" ? 8 : want.architecture === "amd64" ? 1 : 0;
  const [most, has] = [generation(want.variant) || floor, generation(offer.variant) || floor];
  return has > 0 && has <= most ? has : 0;
}

/** The best of `candidates` for `wanted`; undefined when none can run there. */
export function bestPlatform<T>(
  wanted: Platform,
  candidates: readonly T[],
  platformOf: (candidate: T) => Platform | undefined,
): T | undefined {
  let best: { readonly candidate: T; readonly score: number } | undefined;
  for (const candidate of candidates) {
    const platform = platformOf(candidate);
    const score = platform ? platformScore(wanted, platform) : 0;
    if (score > (best?.score ?? 0)) best = { candidate, score };
  }
  return best?.candidate;
}

/** Docker names the variant of arm64, though there is only one. */
const withVariant = (platform: Platform): string =>
  platform.architecture === "arm64" && !platform.variant
    ? `${formatPlatform(platform)}/v8`
    : formatPlatform(platform);

/** What Docker says of an image that is there, but for another platform than the one asked for. */
export const platformMismatch = (reference: string, own: Platform, wanted: Platform): string =>
  `image with reference ${reference} was found but its platform (${withVariant(own)}) does not match the specified platform (${withVariant(wanted)})`;
