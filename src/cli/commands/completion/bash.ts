import { command, noArguments } from "../../command/command.ts";
import { requestFor, withoutAbouts } from "../../completion/script.ts";
import { bashScript } from "../../completion/shells/bash.ts";

export default command({
  flags: { "no-descriptions": withoutAbouts },
  arguments: noArguments,
  about: `Generate the autocompletion script for the bash shell

In this shell:      source <(wharf completion bash)
In every new one:   wharf completion bash > /etc/bash_completion.d/wharf
With an alias:      complete -o default -F _wharf docker`,
  async run({ out }, { values }) {
    out.write(bashScript(requestFor(values["no-descriptions"])));
  },
});
