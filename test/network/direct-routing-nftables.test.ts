import { it } from "node:test";
import { choose } from "./support/backend.ts";

/** Everything that direct-routing.test.ts claims, with nftables. */
const missing = choose("nftables");
if (missing) it("direct routing with nftables", { skip: missing }, () => undefined);
else await import("./direct-routing.test.ts");
