import { forbidden, invalidParameter, messageOf, notImplemented } from "../../base/errors.ts";
import type { ImageProcessConfig } from "../../oci/index.ts";
import { isGitUrl } from "../context/index.ts";
import {
  type Dockerfile,
  heredocMark,
  heredocText,
  type Instruction,
  type Of,
  parseTrigger,
} from "../dockerfile/index.ts";
import { InstructionError } from "../errors.ts";
import type { RunNetwork } from "../ports.ts";
import { changeConfig, commandWords, setsCmd, shellOf, workingFolder } from "./config-changes.ts";
import { type FileSource, findSource, type PlannedStage } from "./graph.ts";
import { originOf, parseMount } from "./mounts.ts";
import { type GlobalArgs, Scope } from "./scope.ts";
import type { RunAction, Step, TransferAction } from "./step.ts";

export const DEFAULT_PATH = "PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin";
const SCRIPT_FOLDER = "/dev/pipes";

export interface StageInput {
  readonly dockerfile: Dockerfile;
  readonly globals: GlobalArgs;
  readonly planned: PlannedStage;
  /** Configuration of the stage's base. */
  readonly base: ImageProcessConfig;
  /** Labels of the request, for the target stage. */
  readonly labels: Readonly<Record<string, string>>;
  readonly defaultNetwork: RunNetwork;
  /** The client grants `RUN --security=insecure`. */
  readonly allowInsecure: boolean;
}

export interface StageSteps {
  /** Configuration right after FROM. */
  readonly start: ImageProcessConfig;
  readonly triggers: number;
  readonly steps: readonly Step[];
}

/**
 * Works out the steps of a stage: variables replaced, triggers of the base image put in front, the configuration after
 * each. Pure: nothing is read or run. Throws InstructionError.
 */
export function planSteps(input: StageInput): StageSteps {
  const { planned, base, labels } = input;
  const { OnBuild, ...inherited } = base;
  const env = inherited.Env ?? [];
  const hasPath = env.some((entry) => entry.startsWith("PATH="));
  const start = { ...inherited, Env: hasPath ? env : [...env, DEFAULT_PATH] };
  const reader = new StageReader(input, start);
  const { from, instructions } = planned.stage;
  for (const trigger of OnBuild ?? []) reader.add(parseTrigger(trigger, from.first), true);
  for (const instruction of instructions) reader.add(instruction, false);
  reader.addLabels(labels);
  return { start, triggers: OnBuild?.length ?? 0, steps: reader.steps };
}

class StageReader {
  readonly steps: Step[] = [];
  readonly #input: StageInput;
  readonly #scope: Scope;
  #config: ImageProcessConfig;
  #hasCmd = false;

  constructor(input: StageInput, start: ImageProcessConfig) {
    this.#input = input;
    this.#config = start;
    this.#scope = new Scope(input.globals, start.Env ?? [], input.dockerfile.directives.escapeToken);
  }

  add(instruction: Instruction, isTrigger: boolean): void {
    try {
      this.#add(instruction, isTrigger);
    } catch (error) {
      if (error instanceof InstructionError) throw error;
      throw new InstructionError(messageOf(error), instruction.first, instruction.last, error);
    }
  }

  /** Labels of the request are a last step of their own. */
  addLabels(labels: Readonly<Record<string, string>>): void {
    const entries = Object.entries(labels).sort(([a], [b]) => (a < b ? -1 : 1));
    if (entries.length === 0) return;
    const { last } = this.#input.planned.stage.instructions.at(-1) ?? this.#input.planned.stage.from;
    const text = `LABEL ${entries.map(([key, value]) => `${key}=${value}`).join(" ")}`;
    this.#config = { ...this.#config, Labels: { ...this.#config.Labels, ...labels } };
    this.#push({ text, first: last, last }, false, {
      action: { kind: "metadata" },
      createdBy: this.#nop(` ${text}`),
    });
  }

  #add(instruction: Instruction, isTrigger: boolean): void {
    switch (instruction.kind) {
      case "RUN":
        this.#addRun(instruction, isTrigger);
        break;
      case "COPY":
      case "ADD":
        this.#addTransfer(instruction, isTrigger);
        break;
      case "WORKDIR":
        this.#addWorkdir(instruction, isTrigger);
        break;
      case "FROM":
        throw invalidParameter("FROM isn't allowed as an ONBUILD trigger");
      default: {
        const { config, comment, author } = changeConfig(
          instruction,
          this.#config,
          this.#scope,
          this.#hasCmd,
        );
        this.#hasCmd ||= setsCmd(instruction);
        this.#config = config;
        this.#push(instruction, isTrigger, {
          action: { kind: "metadata" },
          createdBy: this.#nop(` ${comment}`),
          author,
        });
      }
    }
  }

  #push(
    { text, first, last }: Pick<Instruction, "text" | "first" | "last">,
    isTrigger: boolean,
    step: Pick<Step, "action" | "createdBy" | "author">,
  ): void {
    this.steps.push({ title: text, first, last, isTrigger, config: this.#config, ...step });
  }

  /** A history entry for what no shell ran, in the words Docker's builder uses. */
  #nop(comment: string): string {
    return [...shellOf(this.#config), `#(nop) ${comment}`].join(" ");
  }

  #addWorkdir(instruction: Of<"WORKDIR">, isTrigger: boolean): void {
    const value = this.#scope.expand(instruction.value);
    if (value === "") throw invalidParameter("WORKDIR is empty");
    const path = workingFolder(this.#config, value);
    this.#config = { ...this.#config, WorkingDir: path };
    this.#push(instruction, isTrigger, {
      action: { kind: "workdir", path },
      createdBy: this.#nop(`WORKDIR ${path}`),
    });
  }

  #addRun(instruction: Of<"RUN">, isTrigger: boolean): void {
    const { args, script } = runWords(instruction, this.#config);
    const runArgs = this.#scope.runArgs();
    const cwd = this.#config.WorkingDir || "/";
    const action: RunAction = {
      kind: "run",
      args,
      script,
      env: [...this.#scope.env(), ...runArgs],
      proxies: this.#scope.proxies(),
      cwd,
      user: this.#config.User ?? "",
      network: networkOf(instruction.network, this.#input.defaultNetwork),
      insecure: isInsecure(instruction.security, this.#input.allowInsecure),
      mounts: instruction.mounts.map((text) => {
        const mount = parseMount(this.#scope.expand(text), cwd);
        return { mount, source: this.#source(originOf(mount), isTrigger) };
      }),
    };
    const prefix = runArgs.length === 0 ? [] : [`|${runArgs.length}`, ...runArgs];
    this.#push(instruction, isTrigger, { action, createdBy: [...prefix, ...args].join(" ") });
  }

  #source(from: string | undefined, isTrigger: boolean): FileSource {
    const source = findSource(this.#input.dockerfile, this.#input.planned.index, from);
    if (isTrigger && source.kind === "stage") {
      throw notImplemented(
        `an ONBUILD trigger cannot take files from the build stage ${from}: name an image, or write the instruction into the Dockerfile`,
      );
    }
    return source;
  }

  #addTransfer(instruction: Of<"COPY" | "ADD">, isTrigger: boolean): void {
    const scope = this.#scope;
    const written = scope.expand(instruction.destination);
    const destination = destinationOf(written, this.#config);
    const text = (value: string | undefined) => (value === undefined ? undefined : scope.expand(value));
    const chown = text(instruction.chown);
    const action: TransferAction = {
      kind: "transfer",
      name: instruction.kind,
      source: this.#source(instruction.kind === "COPY" ? instruction.from : undefined, isTrigger),
      paths: instruction.sources.map((source) => scope.expand(source)),
      inline: instruction.heredocs.map((heredoc) => ({
        name: heredoc.name,
        content: heredoc.expands ? scope.expandHeredoc(heredocText(heredoc)) : heredocText(heredoc),
      })),
      destination,
      chown,
      chmod: text(instruction.chmod),
      parents: instruction.kind === "COPY" && instruction.parents,
      excludes: instruction.excludes.map((pattern) => scope.expand(pattern)),
      checksum: instruction.kind === "ADD" ? text(instruction.checksum) : undefined,
      keepGitDir: instruction.kind === "ADD" && instruction.keepGitDir,
      link: instruction.link,
      unpack: unpackOf(instruction),
    };
    checkTransfer(action);
    const owner = chown === undefined ? "" : `--chown=${chown} `;
    this.#push(instruction, isTrigger, {
      action,
      createdBy: this.#nop(`${instruction.kind} ${owner}{files} in ${written} `),
    });
  }
}

function runWords(instruction: Of<"RUN">, config: ImageProcessConfig): Pick<RunAction, "args" | "script"> {
  const { command, heredocs } = instruction;
  const [only] = heredocs;
  if (!only) return { args: commandWords(command, config) };
  if (command.form === "exec") throw invalidParameter("a RUN with a heredoc must be in shell form");
  const shell = shellOf(config);
  if (!heredocMark(command.text)) {
    // Part of a longer command: the shell reads its heredocs itself.
    const bodies = heredocs.map(({ content, name }) => `\n${content}${name}`);
    return { args: [...shell, command.text + bodies.join("")] };
  }
  const content = heredocText(only);
  if (!content.startsWith("#!")) return { args: [...shell, content] };
  const path = `${SCRIPT_FOLDER}/${only.name}`;
  return { args: [path], script: { path, content } };
}

function networkOf(text: string | undefined, byDefault: RunNetwork): RunNetwork {
  if (text === undefined) return byDefault;
  if (text === "default" || text === "none" || text === "host") return text;
  throw invalidParameter(`unsupported network mode ${JSON.stringify(text)} for RUN: default, none or host`);
}

function isInsecure(text: string | undefined, isAllowed: boolean): boolean {
  if (text === undefined || text === "sandbox") return false;
  if (text === "insecure") {
    if (isAllowed) return true;
    throw forbidden(
      "RUN --security=insecure is not allowed: grant it with wharf build --allow security.insecure",
    );
  }
  throw invalidParameter(`security ${JSON.stringify(text)} is not valid: sandbox or insecure`);
}

function destinationOf(text: string, config: ImageProcessConfig): string {
  if (text === "") throw invalidParameter("the destination is empty");
  const path = workingFolder(config, text);
  const isFolder = text.endsWith("/") || text === "." || text.endsWith("/.");
  return isFolder && path !== "/" ? `${path}/` : path;
}

function unpackOf(instruction: Of<"COPY" | "ADD">): TransferAction["unpack"] {
  if (instruction.kind === "COPY") return "never";
  if (instruction.unpack === undefined) return "local";
  return instruction.unpack ? "always" : "never";
}

export const isUrl = (path: string): boolean => /^https?:\/\//.test(path);
function checkTransfer({ name, paths, inline, destination, checksum }: TransferAction): void {
  const urls = name === "ADD" ? paths.filter((path) => isUrl(path) || isGitUrl(path)) : [];
  if (checksum !== undefined && (urls.length !== 1 || paths.length !== 1)) {
    throw invalidParameter("checksum can't be specified for local files, nor for several sources");
  }
  if (name === "COPY" && paths.some(isUrl)) throw invalidParameter("source can't be a URL for COPY: use ADD");
  if (paths.length + inline.length > 1 && !destination.endsWith("/")) {
    throw invalidParameter(
      `When using ${name} with more than one source file, the destination must be a directory and end with a /`,
    );
  }
  if (paths.includes(""))
    throw invalidParameter(`${name} has an empty source: a variable in it may not be set`);
}
