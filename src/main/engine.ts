import { writeSync } from "node:fs";
import { messageOf } from "../base/errors.ts";
import { VERSION } from "../base/version.ts";
import { loadConfig, readInvocation } from "../daemon/config/load.ts";

const [STDOUT, STDERR] = [1, 2];

async function main(argv: readonly string[]): Promise<void> {
  const invocation = readInvocation(argv);
  if (invocation.flags.get("help") === true) {
    const { helpText } = await import("../daemon/config/help.ts");
    writeSync(STDOUT, helpText());
    return;
  }
  if (invocation.flags.get("version") === true) {
    writeSync(STDOUT, `Wharf version ${VERSION}\n`);
    return;
  }
  const load = () => loadConfig(invocation);
  const config = load();
  if (invocation.flags.get("validate") === true) {
    writeSync(STDOUT, "configuration OK\n");
    return;
  }
  const { runEngine } = await import("../daemon/lifecycle.ts");
  await runEngine(config, load);
}

main(process.argv.slice(2)).catch((error: unknown) => {
  writeSync(STDERR, `wharfd: ${messageOf(error)}\n`);
  for (
    let cause = error instanceof Error ? error.cause : undefined;
    cause instanceof Error;
    cause = cause.cause
  ) {
    writeSync(STDERR, `  because: ${cause.message}\n`);
  }
  if (process.env["WHARF_DEBUG"] && error instanceof Error) writeSync(STDERR, `${error.stack}\n`);
  process.exit(1);
});
