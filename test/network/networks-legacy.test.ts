import { it } from "node:test";
import { choose } from "./support/backend.ts";

/** Everything that networks.test.ts claims, with another firewall. */
const missing = choose("iptables-legacy");
if (missing) it("networks of containers with iptables-legacy", { skip: missing }, () => undefined);
else await import("./networks.test.ts");
