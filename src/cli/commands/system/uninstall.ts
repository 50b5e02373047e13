import { resolve } from "node:path";
import { command, noArguments } from "../../command/command.ts";
import {
  needRoot,
  removeUnits,
  runsSystemd,
  systemctl,
  UNIT_NAMES,
  unitsThere,
} from "../../engine/service.ts";
import { text } from "../../flags/flag.ts";

export default command({
  flags: { root: text("", "Remove from below this folder; nothing is stopped") },
  arguments: noArguments,
  about: `Remove what wharf system install has written

Stops the engine where systemd runs. Images, containers and volumes stay.`,
  async run({ out }, { values: { root } }) {
    needRoot(root, "uninstall");
    const managed = root === "" && runsSystemd() && unitsThere("").length > 0;
    if (managed) await systemctl("disable", "--now", ...UNIT_NAMES);
    const paths = removeUnits(root && resolve(root));
    if (managed) await systemctl("daemon-reload");
    out.write(
      paths.length > 0 ? paths.map((path) => `${path}\n`).join("") : "The service is not installed\n",
    );
  },
});
