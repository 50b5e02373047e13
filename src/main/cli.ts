const [first, ...rest] = process.argv.slice(2);

/** The registry is a program of its own under the same name: neither pays for the other's start. */
async function run(): Promise<number> {
  if (first === "registry") return (await import("../registry/index.ts")).runRegistryCommand(rest);
  if (rest[0] === "registry" && first?.startsWith("__complete"))
    return (await import("../registry/index.ts")).completeRegistryCommand(
      rest.slice(1),
      first === "__complete",
    );
  return (await import("../cli/index.ts")).runCli(process.argv.slice(2));
}

/**
 * Commands that scripts/bundle-cli.mjs has run one after the other in one process, so that what they call is compiled
 * and kept when that ends.
 */
const rehearsal = process.env["WHARF_REHEARSAL"];
async function rehearse(lines: readonly string[]): Promise<number> {
  const { runCli } = await import("../cli/index.ts");
  for (const line of lines) await runCli(line.split(" "));
  return 0;
}

// What a command has written is with its reader: nothing is waited for but the command itself.
(rehearsal ? rehearse(rehearsal.split(",")) : run()).then((code) => process.exit(code));

export {};
