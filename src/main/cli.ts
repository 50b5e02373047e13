import { runCli } from "../cli/index.ts";

// What a command has written is with its reader: nothing is waited for but the command itself.
runCli(process.argv.slice(2)).then((code) => process.exit(code));
