import { command, noArguments } from "../../command/command.ts";
import { requestFor, withoutAbouts } from "../../completion/script.ts";
import { fishScript } from "../../completion/shells/fish.ts";

export default command({
  flags: { "no-descriptions": withoutAbouts },
  arguments: noArguments,
  about: `Generate the autocompletion script for the fish shell

In this shell:      wharf completion fish | source
In every new one:   wharf completion fish > ~/.config/fish/completions/wharf.fish`,
  async run({ out }, { values }) {
    out.write(fishScript(requestFor(values["no-descriptions"])));
  },
});
