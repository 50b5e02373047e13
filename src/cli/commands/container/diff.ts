import { command, exactly } from "../../command/command.ts";

const KINDS: Readonly<Record<number, string>> = { 0: "C", 1: "A", 2: "D" };

export default command({
  flags: {},
  arguments: exactly(1, "container"),
  async run({ client, out }, { args: [id = ""] }) {
    const changes = (await client().call("ContainerChanges", { id })) ?? [];
    out.write(changes.map(({ Kind, Path }) => `${KINDS[Kind] ?? "?"} ${Path}\n`).join(""));
  },
});
