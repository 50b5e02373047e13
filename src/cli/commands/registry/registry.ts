import { invalidParameter } from "../../../base/errors.ts";
import { anyArguments, command } from "../../command/command.ts";

/** Named here for the list of commands alone: `wharf registry` is a program of its own, started by main/cli.ts. */
export default command({
  flags: {},
  arguments: anyArguments(),
  about: "Run an OCI registry",
  run: () => {
    throw invalidParameter(
      "registry must be the first word: wharf registry COMMAND (see wharf registry --help)",
    );
  },
});
