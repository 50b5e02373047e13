import { it } from "node:test";
import { choose } from "./support/backend.ts";

/** Everything that ipv6.test.ts claims, with nftables. */
const missing = choose("nftables");
if (missing) it("IPv6 with nftables", { skip: missing }, () => undefined);
else await import("./ipv6.test.ts");
