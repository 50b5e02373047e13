import { it } from "node:test";
import { choose } from "./support/backend.ts";

/** Everything that flushed-rules.test.ts claims, with nftables. */
const missing = choose("nftables");
if (missing) it("flushed rules with nftables", { skip: missing }, () => undefined);
else await import("./flushed-rules.test.ts");
