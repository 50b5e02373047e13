/** A difference that is meant to be, and the only form it may have. */
export interface Expected {
  /** "newer": Docker 28 does so, the reference engine is older. "ours": told in docs/differences.md by `reason`. */
  readonly kind: "newer" | "ours";
  readonly reason: string;
  /** Of the command line; any when absent. */
  readonly line?: RegExp;
  /** Of `code`, `stdout`, `stderr` or the JSON path. */
  readonly part: RegExp;
  /** Of our answer. */
  readonly ours: RegExp;
}

const newer = (reason: string, part: RegExp, ours: RegExp, line?: RegExp): Expected => ({
  kind: "newer",
  reason,
  part,
  ours,
  ...(line ? { line } : {}),
});
const own = (reason: string, part: RegExp, ours: RegExp, line?: RegExp): Expected => ({
  ...newer(reason, part, ours, line),
  kind: "ours",
});

const INSPECT: readonly Expected[] = [
  newer("`default` is shown as the network it stands for", /^HostConfig\.NetworkMode$/, /^"bridge"$/),
  newer("more kernel files are hidden", /^HostConfig\.MaskedPaths$/, /"\/proc\/interrupts"/),
  newer("fields that came later", /\.(GwPriority|DNSNames|EnableIPv4)$|^EnableIPv4$|^GraphDriver\.Data\.ID$/, /./),
  newer("fields that went", /^HostConfig\.KernelMemory(TCP)?$/, /^absent$/),
  newer("the short id is a DNS name, not an alias", /\.Aliases$/, /^\["alias"\]$/),
  own("The OCI runtime is crun where it is installed", /^HostConfig\.Runtime$/, /^"crun"$/),
  own("A container's log is kept in a format of its own", /^LogPath$/, /container\.log"$/),
  own("A container that has ended has no sandbox", /^NetworkSettings\.Sandbox(ID|Key)$/, /^""$/),
  own("UDP ports are published on IPv6", /^NetworkSettings\.Ports\.53\/udp/, /^absent$/),
  own("UDP ports are published on IPv6", /^stdout$/, /udp/, /^docker (port|ps)/),
];

const WORDS: readonly Expected[] = [
  newer(
    "a start's failure names the task",
    /^(stdout|stderr|State\.Error)$/,
    /failed to create ta?s?k? ?f?o?r?|failed to create task for container/,
  ),
  newer("messages begin with small letters", /^stderr$/, /(cannot kill container|container <id> is|invalid filter)/),
  newer("refusals name the container's name and state", /^stderr$/, /cannot remove container "\/cz1"/),
  newer("an image that is not there is named once", /^stderr$/, /No such image: \w+:latest/),
  newer("exit codes of exec are a shell's", /^code$/, /^127$/, /^docker exec/),
  newer("`die` tells how long it ran", /^stdout$/, /^/, /^docker events/),
  newer("a MAC address per network", /^(code|stdout|stderr)$/, /./, /--mac-address/),
  newer("a restart policy's refusals", /^stderr$/, /invalid restart policy: /),
  newer("a runtime's refusal", /^stderr$/, /unknown or invalid runtime name/),
  newer("pool overlap is a pool request's", /^stderr$/, /invalid pool request: Pool overlaps/),
  newer("IP addresses beyond the subnets", /^stderr$/, /no configured subnet contains IP address/),
  newer("active endpoints are named", /^stderr$/, /has active endpoints \(name:"cz1"/),
  newer("groups that are not there", /^stderr$/, /unable to find group nosuch/),
  newer("an empty network name", /^stderr$/, /invalid name: name is empty/),
  newer("instructions keep their letters", /^stderr$/, /RUN is not a valid change command/),
];
