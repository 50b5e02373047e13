const [first, ...rest] = process.argv.slice(2);
if (first === "registry") {
  // a program of its own under the same name: neither pays for the other's start
  const { runRegistryCommand } = await import("../registry/index.ts");
  process.exitCode = await runRegistryCommand(rest);
} else {
  const { runCli } = await import("../cli/index.ts");
  process.exitCode = await runCli(process.argv.slice(2));
}

export {};
