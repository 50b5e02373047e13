import type { PortSummary } from "../../api/schema/container-answer.ts";

const join = (ip: string, port: string | number): string =>
  ip.includes(":") ? `[${ip}]:${port}` : `${ip}:${port}`;

interface Group {
  readonly first: number;
  last: number;
}

function showGroup(key: string, { first, last }: Group): string {
  const slash = key.indexOf("/");
  const range = first === last ? String(first) : `${first}-${last}`;
  if (slash < 0) return `${range}/${key}`;
  return `${join(key.slice(0, slash), range)}->${range}/${key.slice(slash + 1)}`;
}

const compare = (a: string, b: string): number => (a < b ? -1 : a > b ? 1 : 0);

const order = (a: PortSummary, b: PortSummary): number =>
  a.PrivatePort - b.PrivatePort ||
  compare(a.IP ?? "", b.IP ?? "") ||
  (a.PublicPort ?? 0) - (b.PublicPort ?? 0) ||
  compare(a.Type, b.Type);

/** Ports as docker lists them: neighbours with the same number on both sides are one range. */
export function showPorts(ports: readonly PortSummary[]): string {
  const groups = new Map<string, Group>();
  const finished: string[] = [];
  const mapped: string[] = [];
  for (const { IP = "", PrivatePort, PublicPort = 0, Type } of [...ports].sort(order)) {
    if (IP !== "" && PublicPort !== PrivatePort) {
      mapped.push(`${join(IP, PublicPort)}->${PrivatePort}/${Type}`);
      continue;
    }
    const key = IP === "" ? Type : `${IP}/${Type}`;
    const group = groups.get(key);
    if (group !== undefined && PrivatePort === group.last + 1) {
      group.last = PrivatePort;
      continue;
    }
    if (group !== undefined) finished.push(showGroup(key, group));
    groups.set(key, { first: PrivatePort, last: PrivatePort });
  }
  return [...finished, ...[...groups].map(([key, group]) => showGroup(key, group)), ...mapped].join(", ");
}
