import { between, command } from "../../command/command.ts";
import { bool } from "../../flags/flag.ts";
import { makeList, showAll, showManifest } from "../../manifest/document.ts";
import { fullName } from "../../manifest/name.ts";
import { Remote } from "../../manifest/remote.ts";
import { ManifestStore } from "../../manifest/store.ts";

export default command({
  flags: {
    insecure: bool("", "Allow communication with an insecure registry"),
    verbose: bool("v", "Output additional info including layers and platform"),
  },
  arguments: between(1, 2, "image"),
  async run(context, { values: { insecure, verbose }, args }) {
    const [name, list] = [...args].reverse().map((written) => fullName(written));
    if (name === undefined) return;
    const store = new ManifestStore(context.chosen.folder);
    if (list !== undefined) {
      const kept = store.get(list, name);
      if (kept === undefined) throw new Error(`No such manifest: ${name.text}`);
      context.out.write(`${showManifest(kept, verbose)}\n`);
      return;
    }
    const local = store.all(name);
    const remote = new Remote(context, insecure);
    const single = local === undefined ? await remote.manifest(name) : undefined;
    if (single !== undefined) {
      context.out.write(`${showManifest(single, verbose)}\n`);
      return;
    }
    const all = local ?? (await remote.list(name));
    context.out.write(`${verbose ? showAll(all) : makeList(all, name.domain).text}\n`);
  },
});
