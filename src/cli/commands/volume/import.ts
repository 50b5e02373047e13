import { createReadStream } from "node:fs";
import { between, command } from "../../command/command.ts";
import { offer, text } from "../../flags/flag.ts";

export default command({
  flags: {
    "from-image": offer("image", text("", "Take the files of this image, instead of a tar")),
  },
  arguments: between(1, 2, "word", "file"),
  async run({ client, out }, { values: { "from-image": image }, args: [name = "", file = "-"] }) {
    const made =
      image === ""
        ? client().call("WharfVolumeImport", {
            name,
            body: file === "-" ? process.stdin : createReadStream(file),
          })
        : client().call("WharfVolumeFromImage", { body: { Name: name, Reference: image } });
    out.write(`${(await made).Name}\n`);
  },
});
