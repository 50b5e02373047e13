import { it } from "node:test";
import { choose } from "./support/backend.ts";

/** Everything that firewall.test.ts claims, with the old flavour of iptables. */
const missing = choose("iptables-legacy");
if (missing) it("firewall with iptables-legacy", { skip: missing }, () => undefined);
else await import("./firewall.test.ts");
