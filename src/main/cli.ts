const [first, ...rest] = process.argv.slice(2);

/** The registry is a program of its own under the same name: neither pays for the other's start. */
async function run(): Promise<number> {
  if (first === "registry") return (await import("../registry/index.ts")).runRegistryCommand(rest);
  return (await import("../cli/index.ts")).runCli(process.argv.slice(2));
}

// What a command has written is with its reader: nothing is waited for but the command itself.
run().then((code) => process.exit(code));

export {};
