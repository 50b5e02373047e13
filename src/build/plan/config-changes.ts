import { constants } from "node:os";
import { posix } from "node:path";
import { invalidParameter } from "../../base/errors.ts";
import { goDuration } from "../../base/go-duration.ts";
import type { HealthcheckConfig, ImageProcessConfig } from "../../oci/index.ts";
import type { Command, Healthcheck, Of } from "../dockerfile/index.ts";
import { goQuote, goQuoteList, goQuoteRune } from "./go-format.ts";
import { parseExposed } from "./ports-spec.ts";
import type { Scope } from "./scope.ts";

/** What an instruction that only changes the configuration does: the new one, and the words of its history entry. */
export interface ConfigChange {
  readonly config: ImageProcessConfig;
  readonly comment: string;
  readonly author?: string;
}

export const DEFAULT_SHELL: readonly string[] = ["/bin/sh", "-c"];
const EMPTY: Readonly<Record<string, never>> = {};

export const shellOf = ({ Shell }: ImageProcessConfig): readonly string[] =>
  Shell?.length ? Shell : DEFAULT_SHELL;

/** The words a command stands for: its own, or the shell's with the text. */
export const commandWords = (command: Command, config: ImageProcessConfig): readonly string[] =>
  command.form === "exec" ? command.args : [...shellOf(config), command.text];

/** Sets one variable in a list of KEY=value, in its old place if it has one. */
export function withEnv(env: readonly string[], key: string, value: string): readonly string[] {
  const index = env.findIndex((entry) => entry === key || entry.startsWith(`${key}=`));
  return index < 0 ? [...env, `${key}=${value}`] : env.with(index, `${key}=${value}`);
}

export type ConfigInstruction = Of<
  | "ENV"
  | "LABEL"
  | "ARG"
  | "CMD"
  | "ENTRYPOINT"
  | "EXPOSE"
  | "VOLUME"
  | "USER"
  | "STOPSIGNAL"
  | "SHELL"
  | "HEALTHCHECK"
  | "ONBUILD"
  | "MAINTAINER"
>;

/**
 * Applies an instruction that changes no files. `hasCmd` says whether one before it in this stage `setsCmd`. Throws
 * invalidParameter.
 */
export function changeConfig(
  instruction: ConfigInstruction,
  config: ImageProcessConfig,
  scope: Scope,
  hasCmd: boolean,
): ConfigChange {
  switch (instruction.kind) {
    case "ENV":
      return changeEnv(instruction, config, scope);
    case "LABEL":
      return changeLabels(instruction, config, scope);
    case "ARG":
      return declareArgs(instruction, config, scope);
    case "CMD":
    case "ENTRYPOINT":
      return changeCommand(instruction, config, hasCmd);
    case "EXPOSE":
      return changeExposed(instruction, config, scope);
    case "VOLUME":
      return changeVolumes(instruction, config, scope);
    case "HEALTHCHECK":
      return changeHealthcheck(instruction, config);
    default:
      return changeText(instruction, config, scope);
  }
}

function changeText(
  instruction: Of<"USER" | "STOPSIGNAL" | "SHELL" | "ONBUILD" | "MAINTAINER">,
  config: ImageProcessConfig,
  scope: Scope,
): ConfigChange {
  switch (instruction.kind) {
    case "USER": {
      const User = scope.expand(instruction.value);
      if (!User) throw invalidParameter("USER is empty");
      return { config: { ...config, User }, comment: `USER ${User}` };
    }
    case "STOPSIGNAL": {
      const StopSignal = checkSignal(scope.expand(instruction.value));
      return { config: { ...config, StopSignal }, comment: `STOPSIGNAL ${StopSignal}` };
    }
    case "SHELL":
      return {
        config: { ...config, Shell: instruction.shell },
        comment: `SHELL [${instruction.shell.join(" ")}]`,
      };
    case "ONBUILD": {
      const OnBuild = [...(config.OnBuild ?? []), instruction.trigger];
      return { config: { ...config, OnBuild }, comment: `ONBUILD ${instruction.trigger}` };
    }
    case "MAINTAINER": {
      const author = instruction.value;
      return { config, comment: `MAINTAINER ${author}`, author };
    }
  }
}

/** A signal by number or name, also a real-time one (signal(7)). */
function checkSignal(text: string): string {
  if (/^\d{1,2}$/.test(text) && Number(text) >= 1 && Number(text) <= 64) return text;
  const name = text.toUpperCase().replace(/^SIG/, "");
  if (
    Object.hasOwn(constants.signals, `SIG${name}`) ||
    /^RTM(?:IN(?:\+\d{1,2})?|AX(?:-\d{1,2})?)$/.test(name)
  )
    return text;
  throw invalidParameter(`Invalid signal: ${text}`);
}

function changeEnv({ pairs }: Of<"ENV">, config: ImageProcessConfig, scope: Scope): ConfigChange {
  // All values of one ENV see the variables as they were before it.
  const values = pairs.map(({ key, value }) => ({ key: scope.expand(key), value: scope.expand(value) }));
  let env = config.Env ?? [];
  for (const { key, value } of values) {
    if (key === "") throw invalidParameter("ENV names can not be blank");
    env = withEnv(env, key, value);
    scope.setEnv(key, value);
  }
  return {
    config: { ...config, Env: env },
    comment: ["ENV", ...values.map(({ key, value }) => `${key}=${value}`)].join(" "),
  };
}

function changeLabels({ pairs }: Of<"LABEL">, config: ImageProcessConfig, scope: Scope): ConfigChange {
  const labels = pairs.map(({ key, value }) => [scope.expand(key), scope.expand(value)] as const);
  if (labels.some(([key]) => key === "")) throw invalidParameter("LABEL names can not be blank");
  return {
    config: { ...config, Labels: { ...config.Labels, ...Object.fromEntries(labels) } },
    comment: ["LABEL", ...labels.map(([key, value]) => `${key}=${value}`)].join(" "),
  };
}

function declareArgs({ args }: Of<"ARG">, config: ImageProcessConfig, scope: Scope): ConfigChange {
  const words = args.map(({ key, value }) => {
    const byDefault = value === undefined ? undefined : scope.expand(value);
    const name = scope.expand(key);
    scope.declare(name, byDefault);
    return byDefault === undefined ? name : `${name}=${byDefault}`;
  });
  return { config, comment: `ARG ${words.join(" ")}` };
}

function changeCommand(
  { kind, command }: Of<"CMD" | "ENTRYPOINT">,
  config: ImageProcessConfig,
  hasCmd: boolean,
): ConfigChange {
  const isBlank = isEmptyCommand(command);
  if (kind === "CMD") {
    // Nothing in shell form leaves the bare shell, as Docker's builder has it.
    const Cmd = isBlank && command.form === "shell" ? shellOf(config) : commandWords(command, config);
    return { config: { ...config, Cmd }, comment: `CMD ${goQuoteList(Cmd)}` };
  }
  const words = isBlank ? [] : commandWords(command, config);
  // A CMD of the base image was meant for the base image's entry point.
  const cmd = hasCmd ? {} : { Cmd: null };
  return {
    config: { ...config, Entrypoint: isBlank ? null : words, ...cmd },
    comment: `ENTRYPOINT ${goQuoteList(words)}`,
  };
}

const isEmptyCommand = (command: Command): boolean =>
  command.form === "exec" ? command.args.length === 0 : command.text === "";

/** Whether it is a CMD that stays when an ENTRYPOINT follows. */
export const setsCmd = (instruction: ConfigInstruction): boolean =>
  instruction.kind === "CMD" && !isEmptyCommand(instruction.command);

function changeExposed({ values }: Of<"EXPOSE">, config: ImageProcessConfig, scope: Scope): ConfigChange {
  const words = values.toSorted().flatMap((value) => scope.expandWords(value));
  const ports = words.flatMap(parseExposed).map((port) => [port, EMPTY] as const);
  return {
    config: { ...config, ExposedPorts: { ...config.ExposedPorts, ...Object.fromEntries(ports) } },
    comment: `EXPOSE ${words.join(" ")}`,
  };
}

function changeVolumes({ values }: Of<"VOLUME">, config: ImageProcessConfig, scope: Scope): ConfigChange {
  const paths = values.map((value) => scope.expand(value).trim());
  if (paths.includes("")) throw invalidParameter("VOLUME specified can not be an empty string");
  const volumes = paths.map((path) => [path, EMPTY] as const);
  return {
    config: { ...config, Volumes: { ...config.Volumes, ...Object.fromEntries(volumes) } },
    comment: `VOLUME [${paths.join(" ")}]`,
  };
}

function changeHealthcheck(instruction: Healthcheck, config: ImageProcessConfig): ConfigChange {
  const health = healthOf(instruction);
  const times = [health.Interval, health.Timeout, health.StartPeriod].map((time) =>
    goQuote(goDuration(time ?? 0)),
  );
  const comment = `HEALTHCHECK &{${[goQuoteList(health.Test ?? []), ...times, goQuoteRune(health.Retries ?? 0)].join(" ")}}`;
  return { config: { ...config, Healthcheck: health }, comment };
}

function healthOf(instruction: Healthcheck): HealthcheckConfig {
  const { command, interval, timeout, startPeriod, startInterval, retries } = instruction;
  if (!command) return { Test: ["NONE"] };
  const Test = command.form === "exec" ? ["CMD", ...command.args] : ["CMD-SHELL", command.text];
  return {
    Test,
    ...(interval ? { Interval: interval } : {}),
    ...(timeout ? { Timeout: timeout } : {}),
    ...(startPeriod ? { StartPeriod: startPeriod } : {}),
    ...(startInterval ? { StartInterval: startInterval } : {}),
    ...(retries ? { Retries: retries } : {}),
  };
}

/** The folder WORKDIR names: below the current one unless absolute. */
export const workingFolder = (config: ImageProcessConfig, path: string): string =>
  posix.resolve("/", config.WorkingDir || "/", path);
