import { conflict, invalidParameter, notFound } from "../../base/errors.ts";
import type { Explanation, PortBinding } from "../../network/index.ts";
import type { Container } from "../containers/container.ts";
import type { HostPort } from "../containers/documents.ts";
import { alone, type Kit } from "../containers/kit.ts";
import { donorOf } from "../containers/modes.ts";
import { parsePort, portRequests } from "../containers/port-spec.ts";
import { isRunning } from "../containers/state.ts";
import { type PortWish, parsePublish } from "./publish-spec.ts";

type Bindings = Readonly<Record<string, readonly HostPort[]>>;

const bindingsOf = ({ record }: Container): Bindings =>
  Object.fromEntries(
    Object.entries(record.document.hostConfig.PortBindings ?? {}).map(([port, list]) => [port, list ?? []]),
  );

function saveBindings(kit: Kit, container: Container, bindings: Bindings): void {
  const { hostConfig } = container.record.document;
  const PortBindings = Object.fromEntries(Object.entries(bindings).map(([port, list]) => [port, [...list]]));
  kit.table.saveDocument(container, { hostConfig: { ...hostConfig, PortBindings } });
}

function refuseWithoutPorts({ record }: Container): void {
  const { NetworkMode = "" } = record.document.hostConfig;
  if (NetworkMode === "host" || NetworkMode === "none" || donorOf(NetworkMode) !== undefined)
    throw conflict(`a container with network mode ${NetworkMode} has no ports of its own to publish`);
}

const wishesOf = (wishes: readonly PortWish[]): Bindings =>
  Object.fromEntries(
    Object.entries(Object.groupBy(wishes, ({ port }) => port)).map(([port, list]) => [
      port,
      (list ?? []).map(({ binding }) => binding),
    ]),
  );

/** Publishes ports of a container for good: now, if it runs, and whenever it starts. All or nothing. */
export function publishPort(kit: Kit, reference: string, spec: string): Promise<readonly PortBinding[]> {
  const wishes = parsePublish(spec);
  const container = kit.table.resolve(reference);
  return alone(kit, container, async () => {
    refuseWithoutPorts(container);
    const wanted = wishesOf(wishes);
    const requests = portRequests({}, { PortBindings: wanted });
    const bindings = isRunning(container.state) ? await kit.networks.publish(container.id, requests) : [];
    const before = bindingsOf(container);
    const ports = new Set([...Object.keys(before), ...Object.keys(wanted)]);
    const after = [...ports].map(
      (port) => [port, [...(before[port] ?? []), ...(wanted[port] ?? [])]] as const,
    );
    saveBindings(kit, container, Object.fromEntries(after));
    return bindings;
  });
}

/** Whether a binding is one the wish names; what the wish leaves out may be anything. */
const fits = (wish: HostPort, ip: string, port: string): boolean =>
  (!wish.HostIp || wish.HostIp === ip) && (!wish.HostPort || wish.HostPort === port);

const portOf = ({ containerPort, protocol }: PortBinding): string => `${containerPort}/${protocol}`;

/**
 * Withdraws ports of a container for good: "80/tcp" all bindings of it, "8080:80" that one. Throws notFound when nothing
 * fits.
 */
export function withdrawPort(kit: Kit, reference: string, spec: string): Promise<readonly PortBinding[]> {
  const wishes = parsePublish(spec);
  const container = kit.table.resolve(reference);
  return alone(kit, container, async () => {
    const live = kit.networks.sandbox(container.id)?.ports ?? [];
    const gone = live.filter((binding) =>
      wishes.some(
        ({ port, binding: wish }) =>
          port === portOf(binding) && fits(wish, binding.hostIp, String(binding.hostPort)),
      ),
    );
    const before = bindingsOf(container);
    const after = Object.entries(before).flatMap(([port, list]) => {
      const stays = list.filter((binding) => !isGone(port, binding, wishes, gone));
      return stays.length > 0 || list.length === 0 ? [[port, stays] as const] : [];
    });
    const count = (bindings: readonly (readonly [string, readonly HostPort[]])[]) => bindings.flat(2).length;
    if (gone.length === 0 && count(after) === count(Object.entries(before)))
      throw notFound(`port ${spec} is not published by container ${container.name}`);
    if (gone.length > 0) await kit.networks.withdraw(container.id, gone);
    saveBindings(kit, container, Object.fromEntries(after));
    return gone;
  });
}

/** A binding that left the choice to the engine is gone when the port that was chosen for it is. */
function isGone(
  port: string,
  { HostIp = "", HostPort: hostPort = "" }: HostPort,
  wishes: readonly PortWish[],
  gone: readonly PortBinding[],
): boolean {
  const chosen = hostPort === "" || hostPort.includes("-");
  return wishes.some(({ port: wanted, binding }) => {
    if (wanted !== port) return false;
    if (fits(binding, HostIp, hostPort)) return true;
    return (
      chosen && gone.some((its) => portOf(its) === port && fits(binding, its.hostIp, String(its.hostPort)))
    );
  });
}

/** "80", "80/tcp": a container's port; a number also stands for a port of the host. */
function wantedPort(text: string): (binding: PortBinding) => boolean {
  if (text === "") return () => true;
  const { port, protocol } = parsePort(text);
  return (binding) =>
    (binding.containerPort === port && binding.protocol === protocol) ||
    (binding.hostPort === port && binding.protocol === protocol);
}

/** The way of packets to and from a running container. */
export async function explainNetwork(kit: Kit, reference: string, port: string): Promise<Explanation> {
  const wanted = wantedPort(port);
  const container = kit.table.resolve(reference);
  const donor = donorOf(container.record.document.hostConfig.NetworkMode);
  const owner = donor === undefined ? container : kit.table.resolve(donor);
  const explanation = await kit.networks.explain(owner.id, wanted);
  if (port !== "" && explanation.ports.length === 0)
    throw invalidParameter(`port ${port} is not published by container ${container.name}`);
  return explanation;
}
