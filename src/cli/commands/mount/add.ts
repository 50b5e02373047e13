import { command, exactly } from "../../command/command.ts";
import { mounts } from "../../flags/mount.ts";

/** As for `--mount` when it has keys, else as for `-v`. */
const isKeys = (spec: string): boolean =>
  /^(?:type|src|source|dst|target|destination|ro|readonly)\b[=,]/.test(spec);

export default command({
  flags: {},
  arguments: exactly(2, "container", "mountSpec"),
  async run({ client, out }, { args: [id = "", spec = ""] }) {
    const body = isKeys(spec) ? { Mount: mounts("", "").read(spec, [])[0] } : { Bind: spec };
    out.write(`${(await client().call("WharfMountAdd", { id, body })).Destination}\n`);
  },
});
