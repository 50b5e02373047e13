import { it } from "node:test";
import { choose } from "./support/backend.ts";

/** Everything that bridge-options.test.ts claims, with another firewall. */
const missing = choose("nftables");
if (missing) it("options of bridge networks with nftables", { skip: missing }, () => undefined);
else await import("./bridge-options.test.ts");
