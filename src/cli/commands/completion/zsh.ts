import { command, noArguments } from "../../command/command.ts";
import { requestFor, withoutAbouts } from "../../completion/script.ts";
import { zshScript } from "../../completion/shells/zsh.ts";

export default command({
  flags: { "no-descriptions": withoutAbouts },
  arguments: noArguments,
  about: `Generate the autocompletion script for the zsh shell

In this shell:      source <(wharf completion zsh)
In every new one:   wharf completion zsh > "\${fpath[1]}/_wharf"
Where completion is not switched on yet: echo "autoload -U compinit; compinit" >> ~/.zshrc`,
  async run({ out }, { values }) {
    out.write(zshScript(requestFor(values["no-descriptions"])));
  },
});
