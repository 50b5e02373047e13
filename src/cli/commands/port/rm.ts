import { atLeast, command } from "../../command/command.ts";
import { showBinding } from "../../network-path/binding.ts";

export default command({
  flags: {},
  arguments: atLeast(2, "container", "port"),
  about: "Withdraw published ports of a container for good: 80/tcp with all its bindings, 8080:80 that one",
  async run({ client, out }, { args: [id = "", ...specs] }) {
    for (const spec of specs) {
      const bindings = await client().call("WharfPortRemove", { id, spec });
      for (const binding of bindings) out.write(`${showBinding(binding)}\n`);
    }
  },
});
