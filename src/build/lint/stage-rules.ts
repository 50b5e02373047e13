import { cleanPath, hasWildcard } from "../context/index.ts";
import type { Dockerfile, Instruction, Stage } from "../dockerfile/index.ts";
import type { Finding } from "./lint.ts";

type Add = (rule: string, message: string, at: Instruction) => void;

const ONLY_LAST = ["CMD", "ENTRYPOINT", "HEALTHCHECK"];
const SECRET = /(?:^|_)(?:apikey|auth|credentials?|key|password|pword|passwd|secret|token)(?:_|$)/i;
const PUBLIC = /public/i;

/** What can be seen in the instructions of stages. */
export function stageRules(
  { stages, globalArgs }: Dockerfile,
  isIgnored: (path: string) => boolean,
): readonly Finding[] {
  const found: Finding[] = [];
  const add: Add = (rule, message, at) => found.push({ rule, message, at });
  const names = new Set<string>();
  for (const arg of globalArgs) for (const { key } of arg.args) checkSecret("ARG", key, arg, add);
  for (const stage of stages) {
    const { name } = stage.from;
    if (name !== undefined && names.has(name))
      add("DuplicateStageName", `Duplicate stage name "${name}", stage names should be unique`, stage.from);
    if (name !== undefined) names.add(name);
    checkPlatform(stage, add);
    checkStage(stage, isIgnored, add);
  }
  return found;
}

function checkPlatform({ from }: Stage, add: Add): void {
  const { platform } = from;
  if (platform === undefined) return;
  if (/^\$\{?TARGETPLATFORM\}?$/.test(platform)) {
    add(
      "RedundantTargetPlatform",
      `Setting platform to predefined ${platform} in FROM is redundant as this is the default behavior`,
      from,
    );
  } else if (!platform.includes("$") && !from.name?.includes(platform.split("/")[1] ?? "\0")) {
    add(
      "FromPlatformFlagConstDisallowed",
      `FROM --platform flag should not use constant value "${platform}"`,
      from,
    );
  }
}

function checkStage({ instructions }: Stage, isIgnored: (path: string) => boolean, add: Add): void {
  let hasWorkdir = false;
  let hasShell = false;
  for (const [index, instruction] of instructions.entries()) {
    const { kind } = instruction;
    if (kind === "SHELL") hasShell = true;
    if (kind === "WORKDIR") {
      const isAbsolute = /^["']?[/$\\]/.test(instruction.value);
      if (!isAbsolute && !hasWorkdir)
        add(
          "WorkdirRelativePath",
          `Relative workdir ${JSON.stringify(instruction.value)} can have unexpected results if the base image changes`,
          instruction,
        );
      hasWorkdir ||= isAbsolute;
    }
    if ((kind === "CMD" || kind === "ENTRYPOINT") && !hasShell) checkCommand(kind, instruction, add);
    if (ONLY_LAST.includes(kind) && instructions.slice(index + 1).some((later) => later.kind === kind))
      add(
        "MultipleInstructionsDisallowed",
        `Multiple ${kind} instructions should not be used in the same stage because only the last one will be used`,
        instruction,
      );
    checkValues(instruction, isIgnored, add);
  }
}

function checkCommand(
  kind: string,
  instruction: Extract<Instruction, { readonly kind: "CMD" | "ENTRYPOINT" }>,
  add: Add,
): void {
  const { command } = instruction;
  if (command.form === "shell" && command.text !== "")
    add(
      "JSONArgsRecommended",
      `JSON arguments recommended for ${kind} to prevent unintended behavior related to OS signals`,
      instruction,
    );
}

function checkValues(instruction: Instruction, isIgnored: (path: string) => boolean, add: Add): void {
  if (instruction.kind === "ENV")
    for (const { key } of instruction.pairs) checkSecret("ENV", key, instruction, add);
  if (instruction.kind === "ARG")
    for (const { key } of instruction.args) checkSecret("ARG", key, instruction, add);
  if (instruction.kind === "EXPOSE")
    for (const value of instruction.values) checkPort(value, instruction, add);
  const isLocal =
    instruction.kind === "ADD" || (instruction.kind === "COPY" && instruction.from === undefined);
  if (!isLocal) return;
  for (const source of instruction.sources) {
    const isPlain = !hasWildcard(source) && !source.includes("$") && !source.includes("://");
    const path = cleanPath(source);
    if (isPlain && path !== "" && isIgnored(path))
      add(
        "CopyIgnoredFile",
        `Attempting to ${instruction.kind === "ADD" ? "Add" : "Copy"} file ${JSON.stringify(source)} that is excluded by .dockerignore`,
        instruction,
      );
  }
}

function checkSecret(kind: string, key: string, at: Instruction, add: Add): void {
  if (SECRET.test(key) && !PUBLIC.test(key))
    add(
      "SecretsUsedInArgOrEnv",
      `Do not use ARG or ENV instructions for sensitive data (${kind} "${key}")`,
      at,
    );
}

function checkPort(value: string, at: Instruction, add: Add): void {
  const protocol = /\/(\w+)$/.exec(value)?.[1];
  if (protocol !== undefined && protocol !== protocol.toLowerCase())
    add("ExposeProtoCasing", `Defined protocol '${value}' in EXPOSE instruction should be lowercase`, at);
  if (!value.includes("$") && value.includes(":"))
    add(
      "ExposeInvalidFormat",
      `EXPOSE instruction should not define an IP address or host-port mapping, found '${value}'`,
      at,
    );
}
