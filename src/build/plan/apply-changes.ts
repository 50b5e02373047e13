import { invalidParameter } from "../../base/errors.ts";
import { hostPlatform, type ImageProcessConfig } from "../../oci/index.ts";
import { type Instruction, parseInstructions } from "../dockerfile/index.ts";
import { changeConfig, setsCmd, workingFolder } from "./config-changes.ts";
import { GlobalArgs, Scope } from "./scope.ts";

/** What `commit --change` and `import --change` may say (Docker's reference of both). */
const ALLOWED = [
  "CMD",
  "ENTRYPOINT",
  "ENV",
  "EXPOSE",
  "HEALTHCHECK",
  "LABEL",
  "ONBUILD",
  "STOPSIGNAL",
  "USER",
  "VOLUME",
  "WORKDIR",
] as const;
type Change = Extract<Instruction, { readonly kind: (typeof ALLOWED)[number] }>;

const isAllowed = (instruction: Instruction): instruction is Change =>
  ALLOWED.some((kind) => kind === instruction.kind);

/** Puts Dockerfile instructions, in their order, over a configuration. Throws invalidParameter. Pure. */
export function applyChanges(start: ImageProcessConfig, changes: readonly string[]): ImageProcessConfig {
  const platform = hostPlatform();
  const globals = new GlobalArgs([], {}, { build: platform, target: platform }, "\\");
  const scope = new Scope(globals, start.Env ?? [], "\\");
  let config = start;
  let hasCmd = false;
  for (const instruction of parseInstructions(changes.join("\n"))) {
    if (!isAllowed(instruction)) throw invalidParameter(`${instruction.kind} is not a valid change command`);
    if (instruction.kind === "WORKDIR") {
      config = { ...config, WorkingDir: workingFolder(config, scope.expand(instruction.value)) };
      continue;
    }
    config = changeConfig(instruction, config, scope, hasCmd).config;
    hasCmd ||= setsCmd(instruction);
  }
  return config;
}
