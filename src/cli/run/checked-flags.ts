import { isIP } from "node:net";
import { type Flag, listOf, map } from "../flags/flag.ts";
import { readBytes } from "../flags/values.ts";

/** Flags of `run` and `create` whose words are looked at as they are read, with docker's words for what is wrong. */

const streamNames = new Set(["stdin", "stdout", "stderr"]);
export const streams = listOf((word) => {
  const name = word.toLowerCase();
  if (!streamNames.has(name)) throw new Error("valid streams are STDIN, STDOUT and STDERR");
  return name;
});

export const variables = listOf((word) => {
  if (word.startsWith("=") || word === "") throw new Error(`invalid environment variable: ${word}`);
  return word;
});

export const labels = listOf((word) => {
  if (/^\s*=/.test(word) || word === "") throw new Error(`invalid label '${word}': empty name`);
  return word;
});

export const addresses = listOf((word) => {
  const address = word.trim();
  if (isIP(address) === 0) throw new Error(`IP address is not correctly formatted: ${word}`);
  return address;
});

const DOMAIN =
  /^(:?(:?[a-zA-Z0-9]|(:?[a-zA-Z0-9][a-zA-Z0-9-]*[a-zA-Z0-9]))(:?\.(:?[a-zA-Z0-9]|(:?[a-zA-Z0-9][a-zA-Z0-9-]*[a-zA-Z0-9])))*)\.?\s*$/;
export const domains = listOf((word) => {
  if (word.trim() === ".") return ".";
  if (!DOMAIN.test(word) || word.length >= 255) throw new Error(`${word} is not a valid domain`);
  return word.trim();
});

const HOST_GATEWAY = "host-gateway";
/** `name:address` or `name=address`, with or without brackets; kept as `name:address`. */
export const hosts = listOf((word) => {
  const [, name = "", bracketed = ""] = /^([^:=]+)[:=](.+)$/.exec(word) ?? [];
  if (name === "") throw new Error(`bad format for add-host: ${JSON.stringify(word)}`);
  const address = bracketed.replace(/^\[(.*)\]$/, "$1");
  if (address !== HOST_GATEWAY && isIP(address) === 0)
    throw new Error(`invalid IP address in add-host: ${JSON.stringify(address)}`);
  return `${name}:${address}`;
});

export const links = listOf((word) => {
  const parts = word.split(":");
  if (word === "") throw new Error("empty string specified for links");
  if (parts.length > 2) throw new Error(`bad format for links: ${word}`);
  return word;
});

export const deviceRules = listOf((word) => {
  if (!/^[acb] ([0-9]+|\*):([0-9]+|\*) [rwm]{1,3}$/.test(word))
    throw new Error(`invalid device cgroup format '${word}'`);
  return word;
});

/** Lists that help shows an empty default for. */
const shown =
  (check: (word: string) => string) =>
  (short: string, usage: string): Flag<readonly string[]> => ({
    ...listOf(check)(short, usage),
    shownDefault: "[]",
  });

function devicePath(word: string): readonly [string, string] {
  const at = word.indexOf(":");
  const path = at < 0 ? word : word.slice(0, at);
  if (at <= 0) throw new Error(`bad format: ${word}`);
  if (!path.startsWith("/dev/")) throw new Error(`bad format for device path: ${word}`);
  return [path, word.slice(at + 1)];
}

export interface Rate {
  readonly Path: string;
  readonly Rate: number;
}

export function readByteRate(word: string): Rate {
  const [Path, rate] = devicePath(word);
  try {
    return { Path, Rate: readBytes(rate) };
  } catch {
    throw new Error(
      `invalid rate for device: ${word}. The correct format is <device-path>:<number>[<unit>]. Number must be a positive integer. Unit is optional and can be kb, mb, or gb`,
    );
  }
}

export function readIoRate(word: string): Rate {
  const [Path, rate] = devicePath(word);
  if (!/^\d+$/.test(rate))
    throw new Error(
      `invalid rate for device: ${word}. The correct format is <device-path>:<number>. Number must be a positive integer`,
    );
  return { Path, Rate: Number(rate) };
}

const [MIN_WEIGHT, MAX_WEIGHT] = [10, 1000];

export function readWeight(word: string): { readonly Path: string; readonly Weight: number } {
  const [Path, weight] = devicePath(word);
  const Weight = Number(weight);
  if (!/^\d+$/.test(weight) || (Weight > 0 && (Weight < MIN_WEIGHT || Weight > MAX_WEIGHT)))
    throw new Error(`invalid weight for device: ${word}`);
  return { Path, Weight };
}

const checked = (read: (word: string) => unknown) =>
  shown((word) => {
    read(word);
    return word;
  });
export const byteRates = checked(readByteRate);
export const ioRates = checked(readIoRate);
export const weights = checked(readWeight);

const SYSCTLS = new Set(
  "kernel.msgmax kernel.msgmnb kernel.msgmni kernel.sem kernel.shmall kernel.shmmax kernel.shmmni kernel.shm_rmid_forced".split(
    " ",
  ),
);

export const sysctls: typeof map = (short, usage) => {
  const flag = map(short, usage);
  return {
    ...flag,
    read(word, before) {
      const at = word.indexOf("=");
      const name = at < 0 ? "" : word.slice(0, at);
      if (!SYSCTLS.has(name) && !/^(net|fs\.mqueue)\./.test(name))
        throw new Error(`sysctl '${word}' is not allowed`);
      return flag.read(word, before);
    },
  };
};
