import type { RuleCount } from "../firewall/firewall.ts";
import type { PortBinding } from "../network.ts";

/** An interface as the kernel shows it. */
export interface ExplainedLink {
  readonly name: string;
  readonly index: number;
  /** Index of the other end of the pair, as seen in the other namespace. */
  readonly peer: number | undefined;
  readonly mac: string;
  readonly mtu: number;
  readonly up: boolean;
  /** With prefix lengths. */
  readonly addresses: readonly string[];
}

/** One network of a container, from the host's bridge to the interface in its namespace. */
export interface ExplainedEndpoint {
  readonly network: string;
  readonly driver: string;
  readonly bridge: ExplainedLink | undefined;
  readonly host: ExplainedLink | undefined;
  readonly container: ExplainedLink | undefined;
  readonly gateway: string;
  readonly gateway6: string;
  readonly isDefaultRoute: boolean;
}

/** How connections to a published port get to the container. */
export interface ExplainedPort {
  readonly binding: PortBinding;
  /** The container's address they end at. */
  readonly target: string;
  /** "kernel": rewritten by rules. "engine": passed on by this process. "none": nothing leads on. */
  readonly by: "kernel" | "engine" | "none";
  /** The same for connections to the host's loopback (127.0.0.1 or ::1). */
  readonly loopback: "kernel" | "engine" | "none";
  readonly rules: readonly RuleCount[];
}

/** The way of packets to and from a container. */
export interface Explanation {
  readonly netns: string | undefined;
  readonly firewall: string;
  readonly endpoints: readonly ExplainedEndpoint[];
  readonly ports: readonly ExplainedPort[];
}
