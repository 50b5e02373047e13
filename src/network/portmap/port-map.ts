import { readFileSync } from "node:fs";
import { setImmediate as othersFirst } from "node:timers/promises";
import { conflict, errnoOf, invalidParameter, messageOf } from "../../base/errors.ts";
import type { PortBinding, PortRequest } from "../network.ts";
import { hostAddresses, type OwnPort, PortTable, showAddress } from "./allocation.ts";
import { type HeldPort, holdPort, type ListenSctp, type Target } from "./hold.ts";
import { openFilesLimit, RelayBudget } from "./relay-budget.ts";

export interface Publisher {
  readonly endpointName: string;
  readonly endpointId: string;
  readonly ipv4: string;
  readonly ipv6: string;
  /** Host address of ports that name none. */
  readonly defaultHostIp: string;
  /** Families of addresses at which the container itself is reached, without a port of the host. */
  readonly routed?: readonly (4 | 6)[];
}

const bindingKey = ({ hostIp, hostPort, protocol }: PortBinding) => `${hostIp} ${hostPort}/${protocol}`;

/** Where this process passes connections on to: the same family if the container has it. */
const targetOf = ({ hostIp, containerPort }: PortBinding, { ipv4, ipv6 }: Publisher): Target => ({
  ip: hostIp.includes(":") ? ipv6 || ipv4 : ipv4 || ipv6,
  port: containerPort,
});

/** /proc/sys/net/ipv4/ip_local_port_range; read anew, because administrators change it. */
function ephemeralRange(): readonly [number, number] {
  const [first = 32768, last = 60999] = readFileSync("/proc/sys/net/ipv4/ip_local_port_range", "utf8")
    .split(/\s+/)
    .map(Number);
  return [first, last];
}

const REASONS: Readonly<Record<string, string>> = {
  EADDRINUSE: "address already in use",
  EADDRNOTAVAIL: "cannot assign requested address",
  EACCES: "permission denied",
  EPROTONOSUPPORT: "protocol not supported",
  EAFNOSUPPORT: "address family not supported by protocol",
};

/** From so many ports on there is a turn of the event loop for each: sockets are quick, a thousand of them are not. */
const SEVERAL = 16;

/** Ports that leave a choice come last, so that they do not take those that leave none. */
const byChoice = (requests: readonly PortRequest[]): readonly PortRequest[] =>
  requests.toSorted((a, b) => freedomOf(a) - freedomOf(b));

const rangeOf = ({ hostPort, hostPortEnd }: PortRequest): boolean => hostPort === 0 || hostPortEnd > hostPort;

const freedomOf = (request: PortRequest): number => (request.hostPort === 0 ? 2 : rangeOf(request) ? 1 : 0);

/** Taken by another sandbox, or by another process. */
const isTaken = (error: unknown): boolean => {
  const { cause } = error as Error;
  return cause === undefined || errnoOf(cause) === "EADDRINUSE";
};

const isRouted = (hostIp: string, { routed = [] }: Publisher): boolean =>
  routed.includes(hostIp.includes(":") ? 6 : 4);

const placeOf = (
  hostIp: string,
  { containerPort, protocol }: Pick<PortBinding, "containerPort" | "protocol">,
  routed: boolean,
): string => `${hostIp} ${containerPort}/${protocol}${routed ? " routed" : ""}`;

/** TCP and UDP can be passed on from one family to the other, unless the host has no part in it. */
const serves = (hostIp: string, { protocol }: PortRequest, publisher: Publisher): boolean =>
  (hostIp.includes(":") ? publisher.ipv6 : publisher.ipv4) !== "" ||
  (protocol !== "sctp" && (publisher.routed ?? []).length === 0);

/** The host's published ports: which are taken, and the sockets that keep other processes off them. */
export class PortMap {
  readonly #table: PortTable;
  readonly #held = new Map<string, { readonly port: HeldPort; target: Target | undefined }>();
  readonly #listenSctp: ListenSctp;
  /** A quarter of what this process may open. */
  readonly #budget = new RelayBudget(openFilesLimit() / 4);

  constructor(listenSctp: ListenSctp, own: readonly OwnPort[] = []) {
    this.#listenSctp = listenSctp;
    this.#table = new PortTable(own);
  }

  /** All or nothing. Throws conflict when a port is taken. */
  async publish(requests: readonly PortRequest[], publisher: Publisher): Promise<readonly PortBinding[]> {
    const done: PortBinding[] = [];
    try {
      for (const request of byChoice(requests)) {
        if (done.length >= SEVERAL) await othersFirst();
        done.push(...(await this.#publishOne(request, publisher)));
      }
      return done;
    } catch (error) {
      await this.withdraw(done);
      const { endpointName, endpointId } = publisher;
      throw conflict(
        `driver failed programming external connectivity on endpoint ${endpointName} (${endpointId}): ${messageOf(error)}`,
        error,
      );
    }
  }

  async #publishOne(request: PortRequest, publisher: Publisher): Promise<readonly PortBinding[]> {
    const addresses = hostAddresses(request, publisher.defaultHostIp).filter((ip) =>
      serves(ip, request, publisher),
    );
    if (addresses.length === 0) {
      throw invalidParameter(
        `cannot publish ${request.containerPort}/${request.protocol} on ${request.hostIp}: the container has no address of that family`,
      );
    }
    let failure: unknown;
    for (const port of this.#table.candidates(request, ephemeralRange())) {
      const { containerPort, protocol } = request;
      const bindings = addresses.map((hostIp) => ({
        hostIp,
        hostPort: isRouted(hostIp, publisher) ? 0 : port,
        containerPort,
        protocol,
      }));
      try {
        return await this.#take(bindings, publisher, request.hostIp === "");
      } catch (error) {
        // Another port would fail the same way.
        if (!isTaken(error)) throw error;
        failure = error;
      }
    }
    throw rangeOf(request) ? conflict("all ports are allocated", failure) : failure;
  }

  async #take(
    bindings: readonly PortBinding[],
    publisher: Publisher,
    implied: boolean,
  ): Promise<readonly PortBinding[]> {
    const done: PortBinding[] = [];
    try {
      for (const binding of bindings) {
        try {
          await this.#hold(binding, publisher);
          done.push(binding);
        } catch (error) {
          // A host without IPv6 publishes on IPv4 alone, unless IPv6 was asked for.
          const noIpv6 = ["EAFNOSUPPORT", "EADDRNOTAVAIL"].includes(errnoOf((error as Error).cause) ?? "");
          if (!(implied && binding.hostIp === "::" && noIpv6)) throw error;
        }
      }
      return done;
    } catch (error) {
      await this.withdraw(done);
      throw error;
    }
  }

  async #hold(binding: PortBinding, publisher: Publisher | undefined): Promise<void> {
    const { hostIp, hostPort, protocol, containerPort } = binding;
    if (hostPort === 0) return;
    if (!this.#table.isFree(hostIp, hostPort, protocol)) {
      throw conflict(`Bind for ${showAddress(hostIp, hostPort)} failed: port is already allocated`);
    }
    const target = publisher && targetOf(binding, publisher);
    const key = bindingKey(binding);
    this.#table.take(hostIp, hostPort, protocol);
    try {
      const port = await holdPort(binding, {
        target: () => this.#held.get(key)?.target,
        budget: this.#budget,
        listenSctp: this.#listenSctp,
      });
      this.#held.set(key, { port, target });
    } catch (error) {
      this.#table.release(binding);
      const where = `${showAddress(hostIp, hostPort)}:${showAddress(target?.ip ?? "", containerPort)}/${protocol}`;
      const reason = REASONS[errnoOf(error) ?? ""] ?? messageOf(error);
      throw conflict(`failed to bind host port for ${where}: ${reason}`, error);
    }
  }

  /**
   * Takes ports back that survived with their rules. A socket that another process has taken meanwhile is reported, and
   * the port stays published: the rules decide. Without a publisher they lead nowhere until `retarget`.
   */
  async adopt(
    bindings: readonly PortBinding[],
    publisher: Publisher | undefined,
  ): Promise<readonly unknown[]> {
    const failures: unknown[] = [];
    for (const binding of bindings) {
      try {
        await this.#hold(binding, publisher);
      } catch (error) {
        this.#table.take(binding.hostIp, binding.hostPort, binding.protocol);
        failures.push(error);
      }
    }
    return failures;
  }

  /** Whether these are what the publisher would publish for the requests, but for the choice of ports. */
  suits(bindings: readonly PortBinding[], requests: readonly PortRequest[], publisher: Publisher): boolean {
    const wanted = requests.flatMap((request) =>
      hostAddresses(request, publisher.defaultHostIp)
        .filter((ip) => serves(ip, request, publisher))
        .map((ip) => placeOf(ip, request, isRouted(ip, publisher))),
    );
    const have = bindings.map((binding) => placeOf(binding.hostIp, binding, binding.hostPort === 0));
    return wanted.sort().join() === have.sort().join();
  }

  /** The container is reached by another of its addresses from now on. */
  retarget(bindings: readonly PortBinding[], publisher: Publisher): void {
    for (const binding of bindings) {
      const held = this.#held.get(bindingKey(binding));
      if (held) held.target = targetOf(binding, publisher);
    }
  }

  async withdraw(bindings: readonly PortBinding[]): Promise<void> {
    await Promise.all(
      bindings.map(async (binding) => {
        const key = bindingKey(binding);
        const held = this.#held.get(key);
        this.#held.delete(key);
        await held?.port.release();
        this.#table.release(binding);
      }),
    );
  }

  async close(): Promise<void> {
    await Promise.all([...this.#held.values()].map(({ port }) => port.release()));
    this.#held.clear();
  }
}
