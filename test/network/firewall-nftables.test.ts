import { it } from "node:test";
import { choose } from "./support/backend.ts";

/** Everything that firewall.test.ts claims, with nftables. */
const missing = choose("nftables");
if (missing) it("firewall with nftables", { skip: missing }, () => undefined);
else await import("./firewall.test.ts");
