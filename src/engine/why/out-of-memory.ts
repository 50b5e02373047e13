import { constants } from "node:os";
import { formatMemory } from "../../base/quantities.ts";
import type { LastEnd } from "../containers/record.ts";
import type { Verdict, WhyFacts } from "./facts.ts";

const { SIGKILL } = constants.signals;

/** The next round size that is surely larger than what did not suffice. */
function moreMemory(limit: number): string {
  const mebibytes = Math.ceil(limit / 1024 ** 2) * 2;
  return mebibytes % 1024 === 0 ? `${mebibytes / 1024}g` : `${mebibytes}m`;
}

/** The kernel killed a process of it: for its own limit, for one above it, or for want of memory on the machine. Pure. */
export function outOfMemory(facts: WhyFacts, end: LastEnd): Verdict | undefined {
  const { name, memoryLimit } = facts;
  const { oomKilled, oomKills = 0, victim, exitCode } = end;
  if (!oomKilled && oomKills === 0) return undefined;
  const who = victim ? `${victim.name} (process ${victim.pid})` : "a process of it";
  const own = exitCode === 128 + SIGKILL;
  const then = own ? "" : `; the command itself then ended with exit code ${exitCode}`;
  const evidence = [
    {
      name: "killed",
      text: `${victim ? `${victim.name}, process ${victim.pid}` : "a process"}, by the kernel's OOM killer`,
    },
    ...(oomKills > 1 ? [{ name: "kills", text: `${oomKills} processes altogether` }] : []),
  ];
  if (victim && !victim.machine && memoryLimit === undefined) {
    return {
      cause: "outOfMemory",
      reason: `a control group above it reached its memory limit, and the kernel killed ${who}${then}`,
      evidence,
      advice: [
        {
          text: "See what that group (--cgroup-parent) allows",
          command: `wharf inspect -f '{{.HostConfig.CgroupParent}}' ${name}`,
        },
      ],
    };
  }
  if (victim?.machine || memoryLimit === undefined) {
    return {
      cause: "machineOutOfMemory",
      reason: `the machine had no memory left, and the kernel killed ${who}${then}`,
      evidence,
      advice: [
        { text: "See who uses the memory", command: "wharf stats --no-stream" },
        {
          text: "Give every container a limit, so that one cannot take it from the others",
          command: `wharf update -m 512m --memory-swap 512m ${name}`,
        },
      ],
    };
  }
  const limit = formatMemory(memoryLimit);
  const more = moreMemory(memoryLimit);
  return {
    cause: "outOfMemory",
    reason: `it needed more memory than its limit of ${limit} allows, and the kernel killed ${who}${then}`,
    evidence,
    advice: [
      {
        text: "Give it more",
        command: `wharf update -m ${more} --memory-swap ${more} ${name} && wharf start ${name}`,
      },
      { text: "Watch what it uses", command: `wharf stats ${name}` },
    ],
  };
}
