import { it } from "node:test";
import { choose } from "./support/backend.ts";

/** Everything that failures.test.ts claims, with nftables. */
const missing = choose("nftables");
if (missing) it("failures with nftables", { skip: missing }, () => undefined);
else await import("./failures.test.ts");
