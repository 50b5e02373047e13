import { resolve } from "node:path";
import { command, noArguments } from "../../command/command.ts";
import { ENGINE_COMMAND } from "../../engine/place.ts";
import {
  needRoot,
  removeUnits,
  runsSystemd,
  systemctl,
  UNIT_NAMES,
  writeUnits,
} from "../../engine/service.ts";
import { bool, text } from "../../flags/flag.ts";

export default command({
  flags: {
    engine: text("", "How the service calls wharfd", ENGINE_COMMAND.join(" ")),
    "no-start": bool("", "Write the units only"),
    root: text("", "Write below this folder, for a package; nothing is started"),
  },
  arguments: noArguments,
  about: `Install the engine as a service of systemd

Writes wharf.socket and wharf.service, enables both and starts the engine where systemd runs.`,
  async run({ out }, { values: { engine, root, "no-start": noStart } }) {
    needRoot(root, "install");
    const paths = writeUnits(root && resolve(root), engine);
    out.write(paths.map((path) => `${path}\n`).join(""));
    if (root || noStart) return;
    if (!runsSystemd()) {
      out.write("systemd does not run here: nothing is started\n");
      return;
    }
    try {
      await systemctl("daemon-reload");
      await systemctl("enable", "--now", ...UNIT_NAMES);
    } catch (error) {
      // What was enabled before the failure goes with the units.
      await systemctl("disable", "--now", ...UNIT_NAMES).catch(() => undefined);
      removeUnits("");
      await systemctl("daemon-reload");
      throw error;
    }
    out.write("The engine runs, and starts with the machine\n");
  },
});
