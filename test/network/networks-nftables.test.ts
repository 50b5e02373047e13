import { it } from "node:test";
import { choose } from "./support/backend.ts";

/** Everything that networks.test.ts claims, with another firewall. */
const missing = choose("nftables");
if (missing) it("networks of containers with nftables", { skip: missing }, () => undefined);
else await import("./networks.test.ts");
