import { atLeast, command } from "../../command/command.ts";
import { showBinding } from "../../network-path/binding.ts";

export default command({
  flags: {},
  arguments: atLeast(2, "container", "word"),
  about:
    "Publish ports of a container that exists, running or not, for good.\nA port is written as for run --publish: [[IP:]HOST_PORT:]PORT[/PROTOCOL]",
  async run({ client, out }, { args: [id = "", ...specs] }) {
    for (const Spec of specs) {
      const bindings = await client().call("WharfPortAdd", { id, body: { Spec } });
      for (const binding of bindings) out.write(`${showBinding(binding)}\n`);
    }
  },
});
