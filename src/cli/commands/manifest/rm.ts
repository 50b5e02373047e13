import { atLeast, command } from "../../command/command.ts";
import { forEachInTurn } from "../../command/for-each.ts";
import { fullName } from "../../manifest/name.ts";
import { ManifestStore } from "../../manifest/store.ts";

export default command({
  flags: {},
  arguments: atLeast(1, "word"),
  run(context, { args }) {
    const store = new ManifestStore(context.chosen.folder);
    return forEachInTurn(context, args, async (written) => {
      const list = fullName(written);
      if (store.all(list) === undefined) throw new Error(`No such manifest: ${list.text}`);
      store.remove(list);
      return "";
    });
  },
});
