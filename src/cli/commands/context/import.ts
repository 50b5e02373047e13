import { readFileSync } from "node:fs";
import { buffer } from "node:stream/consumers";
import { command, exactly } from "../../command/command.ts";
import { unpackContext } from "../../config/archive.ts";
import { checkName, contextExists, writeContext } from "../../config/edit-contexts.ts";

export default command({
  flags: {},
  arguments: exactly(2, "word", "file"),
  async run({ chosen: { folder }, out, err }, { args: [Name = "", source = ""] }) {
    checkName(Name);
    if (contextExists(folder, Name)) throw new Error(`context ${JSON.stringify(Name)} already exists`);
    const { context, tls } = await unpackContext(
      source === "-" ? await buffer(process.stdin) : readFileSync(source),
    );
    writeContext(folder, { ...context, Name }, tls);
    out.write(`${Name}\n`);
    err.write(`Successfully imported context "${Name}"\n`);
  },
});
