import { type Finding, fail, type Group, isOlder, ok, versionIn, warn } from "./finding.ts";
import type { Machine } from "./machine.ts";

interface Tool {
  readonly names: readonly string[];
  /** The oldest version that it is known to work with. */
  readonly oldest: readonly number[];
  /** The engine looks for it in folders of its own, or as a program of PATH. */
  readonly byEngine: boolean;
  readonly needed: boolean;
  readonly breaks: string;
  readonly mend: string;
}

const TOOLS: readonly Tool[] = [
  {
    names: ["conmon"],
    oldest: [2, 1, 0],
    byEngine: true,
    needed: true,
    breaks: "the engine: conmon holds the output and the exit code of each container",
    mend: "apt-get install conmon",
  },
  {
    names: ["git"],
    oldest: [2, 30, 0],
    byEngine: false,
    needed: false,
    breaks: "builds from git repositories",
    mend: "apt-get install git",
  },
  {
    names: ["tini", "catatonit"],
    oldest: [0, 1, 0],
    byEngine: true,
    needed: false,
    breaks: "containers that are run with --init",
    mend: "apt-get install tini",
  },
];
const RUNTIMES = { crun: [1, 8, 0], runc: [1, 1, 0] } as const;

const older = (place: string, version: readonly number[], oldest: readonly number[]): string =>
  `${place}, version ${version.join(".")}, is older than ${oldest.join(".")}, the oldest that is known to work`;

/** A program that is there: its version, and whether it is known to work. */
async function judge(
  machine: Machine,
  name: string,
  place: string,
  oldest: readonly number[],
): Promise<Finding> {
  const ran = await machine.run(place, ["--version"]);
  const version = versionIn(ran?.output ?? "");
  if (ran?.code !== 0 || !version) {
    return fail(
      name,
      `${place} does not tell its version${ran ? `: ${ran.output.trim().split("\n")[0]}` : ""}`,
      {
        breaks: "whatever needs it: the program cannot be run",
        mend: `apt-get install --reinstall ${name}`,
      },
    );
  }
  if (isOlder(version, oldest))
    return warn(name, older(place, version, oldest), {
      breaks: "perhaps nothing; it has not been tried",
      mend: `apt-get install ${name}`,
    });
  return ok(name, `${version.join(".")}, ${place}`);
}

async function tool(
  machine: Machine,
  { names, oldest, byEngine, needed, breaks, mend }: Tool,
): Promise<Finding> {
  for (const name of names) {
    const place = byEngine ? machine.findForEngine(name) : machine.find(name);
    if (place !== undefined) return judge(machine, name, place, oldest);
  }
  const where = byEngine ? "is not installed" : "is in no folder of PATH";
  return (needed ? fail : warn)(names[0] ?? "", `${names.join(" or ")} ${where}`, { breaks, mend });
}

async function runtimes(machine: Machine): Promise<readonly Finding[]> {
  const found = await Promise.all(
    Object.entries(RUNTIMES).map(async ([name, oldest]) => {
      const place = machine.findForEngine(name);
      return place === undefined ? undefined : judge(machine, name, place, oldest);
    }),
  );
  const there = found.filter((finding) => finding !== undefined);
  if (there.length > 0) return there;
  return [
    fail("OCI runtime", "neither crun nor runc is installed", {
      breaks: "the engine: one of them makes each container's process",
      mend: "apt-get install crun",
    }),
  ];
}

export const tools: Group = {
  name: "Programs",
  async run({ machine }) {
    const [made, ...others] = await Promise.all([
      runtimes(machine),
      ...TOOLS.map((known) => tool(machine, known)),
    ]);
    return [...made, ...others];
  },
};
