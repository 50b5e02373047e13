import { openSync, writeSync } from "node:fs";
import { between, command } from "../../command/command.ts";
import { packContext } from "../../config/archive.ts";
import { readContext, readTlsFiles } from "../../config/contexts.ts";
import { isTerminal, writeAll } from "../../tty/style.ts";

export default command({
  flags: {},
  arguments: between(1, 2, "context", "file"),
  async run({ chosen: { folder }, err }, { args: [name = "", target = `${name}.dockercontext`] }) {
    const archive = await packContext(readContext(folder, name), readTlsFiles(folder, name));
    if (target === "-") {
      if (isTerminal(1)) throw new Error("cowardly refusing to export to a terminal, specify a file path");
      writeAll(1, archive);
      return;
    }
    try {
      writeSync(openSync(target, "wx", 0o600), archive);
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== "EEXIST") throw error;
      throw new Error(`open ${target}: file exists`, { cause: error });
    }
    err.write(`Written file "${target}"\n`);
  },
});
