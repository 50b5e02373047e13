import { command, exactly } from "../../command/command.ts";
import { saveStream } from "../../command/save.ts";
import { bool, offer, text } from "../../flags/flag.ts";

export default command({
  flags: {
    "as-image": offer(
      "image",
      text("", "Make an image of this name, which push moves to a registry, instead of a tar"),
    ),
    output: offer("file", text("o", "Write to a file, instead of STDOUT")),
    pause: bool("", "Pause the containers that use it for the time of the copy"),
  },
  arguments: exactly(1, "volume"),
  async run({ client, out }, { values: { "as-image": image, output, pause }, args: [name = ""] }) {
    if (image === "") {
      await saveStream(output, () => client().stream("WharfVolumeExport", { name, pause }));
      return;
    }
    if (output !== "") throw new Error("conflicting options: --as-image and --output");
    const body = { Name: name, Reference: image, Pause: pause };
    out.write(`${(await client().call("WharfVolumeToImage", { body })).Id}\n`);
  },
});
