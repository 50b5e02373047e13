import { hasKind } from "../../../base/errors.ts";
import { atLeast, command } from "../../command/command.ts";
import { describeFailure } from "../../command/show-failure.ts";
import { bool, offer, strings } from "../../flags/flag.ts";
import { deletedLine } from "../../format/images.ts";
import { platformDocument } from "../../registry/platform.ts";

export default command({
  flags: {
    force: bool("f", "Force removal of the image"),
    "no-prune": bool("", "Do not delete untagged parents"),
    platform: offer(
      "platform",
      strings(
        "",
        'Remove only the given platform variant. Formatted as "os[/arch[/variant]]" (e.g., "linux/amd64")',
      ),
    ),
  },
  arguments: atLeast(1, "image"),
  async run({ client, out, err }, { values: flags, args }) {
    const failures: string[] = [];
    let fatal = false;
    for (const name of args) {
      try {
        const query = {
          name,
          force: flags.force,
          noprune: flags["no-prune"],
          platforms: flags.platform.map(platformDocument),
        };
        const deleted = await client().call("ImageDelete", query);
        out.write(deleted.map((item) => `${deletedLine(item)}\n`).join(""));
      } catch (error) {
        fatal ||= !hasKind(error, "notFound");
        failures.push(describeFailure(error));
      }
    }
    for (const failure of failures) err.write(`${failure}\n`);
    // What is not there is removed, as far as --force is concerned.
    return failures.length > 0 && (!flags.force || fatal) ? 1 : 0;
  },
});
