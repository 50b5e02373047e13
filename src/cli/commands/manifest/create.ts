import { atLeast, command } from "../../command/command.ts";
import { bool } from "../../flags/flag.ts";
import { fullName } from "../../manifest/name.ts";
import { onePlatform, Remote } from "../../manifest/remote.ts";
import { ManifestStore } from "../../manifest/store.ts";

export default command({
  flags: {
    amend: bool("a", "Amend an existing manifest list"),
    insecure: bool("", "Allow communication with an insecure registry"),
  },
  arguments: atLeast(2, "word", "image"),
  async run(context, { values: { amend, insecure }, args: [written = "", ...manifests] }) {
    const list = namedList(written);
    const store = new ManifestStore(context.chosen.folder);
    if (store.all(list) !== undefined && !amend)
      throw new Error("refusing to amend an existing manifest list with no --amend flag");
    const remote = new Remote(context, insecure);
    for (const manifest of manifests) {
      const name = fullName(manifest);
      const known = store.get(list, name);
      await store.save(list, name, known?.raw ? known : await onePlatform(remote, manifest));
    }
    context.out.write(`Created manifest list ${list.text}\n`);
  },
});

function namedList(written: string) {
  try {
    return fullName(written);
  } catch (error) {
    throw new Error(`error parsing name for manifest list ${written}: ${(error as Error).message}`, {
      cause: error,
    });
  }
}
