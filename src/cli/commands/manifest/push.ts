import { command, exactly } from "../../command/command.ts";
import { bool } from "../../flags/flag.ts";
import { fullName } from "../../manifest/name.ts";
import { pushList } from "../../manifest/push.ts";
import { Remote } from "../../manifest/remote.ts";
import { ManifestStore } from "../../manifest/store.ts";

export default command({
  flags: {
    insecure: bool("", "Allow push to an insecure registry"),
    purge: bool("p", "Remove the local manifest list after push"),
  },
  arguments: exactly(1, "word"),
  async run(context, { values: { insecure, purge }, args: [written = ""] }) {
    const list = fullName(written);
    const store = new ManifestStore(context.chosen.folder);
    const manifests = store.all(list);
    if (manifests === undefined) throw new Error(`No such manifest: ${list.text}`);
    if (manifests.length === 0) throw new Error(`${list.text} not found`);
    await pushList(new Remote(context, insecure), list, manifests, context.out);
    if (purge) store.remove(list);
  },
});
