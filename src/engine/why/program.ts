import { basename, dirname, join, resolve } from "node:path";
import type { FilePeek } from "../ports.ts";
import type { ElfFacts } from "./elf.ts";
import { missingLibraries } from "./libraries.ts";
import { type Peek, readElfAt } from "./peek.ts";
import { parseShebang } from "./shebang.ts";

/** What keeps a program from being run, or that nothing of what can be seen does. */
export type ProgramFinding =
  | { readonly kind: "fine"; readonly path: string }
  | { readonly kind: "missing"; readonly name: string; readonly searched: readonly string[] }
  | { readonly kind: "folder"; readonly path: string }
  | {
      readonly kind: "notExecutable";
      readonly path: string;
      readonly mode: number;
      readonly uid: number;
      readonly gid: number;
    }
  | { readonly kind: "noexec"; readonly path: string; readonly mount: string }
  /** A script whose first line names no program of the image. */
  | {
      readonly kind: "interpreterMissing";
      readonly path: string;
      readonly interpreter: string;
      /** The line ends in CR LF, so the CR is part of the name. */
      readonly crlf: boolean;
    }
  /** Neither ELF nor "#!": `text` when it looks like a script that lacks its first line. */
  | { readonly kind: "noFormat"; readonly path: string; readonly text: boolean; readonly empty: boolean }
  | { readonly kind: "damaged"; readonly path: string }
  | { readonly kind: "architecture"; readonly path: string; readonly machine: string; readonly host: string }
  | { readonly kind: "loaderMissing"; readonly path: string; readonly loader: string }
  | { readonly kind: "libraryMissing"; readonly path: string; readonly libraries: readonly string[] };

export interface ProgramQuestion {
  /** As the container would run it: with a slash, or to be looked for in PATH. */
  readonly name: string;
  readonly path: string;
  readonly libraryPath: string;
  readonly workingDir: string;
  readonly user: { readonly uid: number; readonly gids: readonly number[] };
  /** Node's name of the machine's processor: "x64". */
  readonly arch: string;
  /** Folders of the container that lie on a host filesystem mounted noexec. */
  readonly noexec: readonly string[];
}

/** e_machine of what each processor runs, the first being its own (elf.h). */
const RUNS: Readonly<Record<string, readonly number[]>> = { x64: [62, 3], arm64: [183, 40] };
const MACHINES: Readonly<Record<number, string>> = {
  3: "i386",
  8: "mips",
  20: "ppc",
  21: "ppc64",
  22: "s390x",
  40: "arm",
  62: "x86_64",
  183: "aarch64",
  243: "riscv64",
  258: "loongarch64",
};
const machineName = (machine: number): string => MACHINES[machine] ?? `machine ${machine}`;
/** Interpreters of interpreters, as deep as the kernel goes (execve(2)). */
const DEEPEST = 5;
const HEAD = 512;
const KIND = { mask: 0o170000, folder: 0o040000, file: 0o100000 } as const;

/** Looks for what would keep a program from being run in the container, as execve(2) and the dynamic loader would. */
export async function inspectProgram(peek: Peek, question: ProgramQuestion): Promise<ProgramFinding> {
  const places = placesOf(question);
  for (const place of places) {
    const file = await peek(place, 0, HEAD);
    if (!file) continue;
    return inspectFile(peek, question, place, file, 0);
  }
  return { kind: "missing", name: question.name, searched: places.map((place) => dirname(place)) };
}

function placesOf({ name, path, workingDir }: ProgramQuestion): readonly string[] {
  if (name.includes("/")) return [resolve(workingDir, name)];
  return path
    .split(":")
    .filter((folder) => folder.startsWith("/"))
    .map((folder) => join(folder, name));
}

async function inspectFile(
  peek: Peek,
  question: ProgramQuestion,
  path: string,
  file: FilePeek,
  depth: number,
): Promise<ProgramFinding> {
  const refused = refusal(question, path, file);
  if (refused) return refused;
  const shebang = parseShebang(file.bytes);
  if (shebang) return inspectScript(peek, question, path, shebang, depth);
  const elf = await readElfAt(peek, path);
  if (elf === "damaged") return { kind: "damaged", path };
  if (elf) return inspectElf(peek, question, path, file, elf);
  const text = file.bytes.every((byte) => byte >= 0x20 || [9, 10, 12, 13, 27].includes(byte));
  return { kind: "noFormat", path, text, empty: file.size === 0 };
}

function refusal(
  { user, noexec }: ProgramQuestion,
  path: string,
  file: FilePeek,
): ProgramFinding | undefined {
  const { mode, uid, gid } = file;
  if ((mode & KIND.mask) === KIND.folder) return { kind: "folder", path };
  if ((mode & KIND.mask) !== KIND.file || !mayExecute(user, file))
    return { kind: "notExecutable", path, mode: mode & 0o7777, uid, gid };
  const mount = noexec.find((folder) => file.path === folder || file.path.startsWith(`${folder}/`));
  return mount === undefined ? undefined : { kind: "noexec", path, mount };
}

/** Root may execute what anybody may (capabilities(7), CAP_DAC_OVERRIDE); others by the first class they are in. */
function mayExecute({ uid, gids }: ProgramQuestion["user"], file: FilePeek): boolean {
  if (uid === 0) return (file.mode & 0o111) !== 0;
  if (uid === file.uid) return (file.mode & 0o100) !== 0;
  return (file.mode & (gids.includes(file.gid) ? 0o010 : 0o001)) !== 0;
}

async function inspectScript(
  peek: Peek,
  question: ProgramQuestion,
  path: string,
  { interpreter, argument, crlf }: NonNullable<ReturnType<typeof parseShebang>>,
  depth: number,
): Promise<ProgramFinding> {
  const file = await peek(resolve(question.workingDir, interpreter), 0, HEAD);
  // With a CR the kernel looks for a program whose name ends in it.
  if (!file || (crlf && argument === "")) return { kind: "interpreterMissing", path, interpreter, crlf };
  // "#!/usr/bin/env python": env looks for the program itself, and its complaint names it.
  if (basename(interpreter) === "env" && argument !== "" && !argument.startsWith("-")) {
    const asked = await inspectProgram(peek, { ...question, name: argument });
    if (crlf || asked.kind === "missing")
      return { kind: "interpreterMissing", path, interpreter: argument, crlf };
  }
  if (depth === DEEPEST) return { kind: "fine", path };
  const inner = await inspectFile(peek, question, interpreter, file, depth + 1);
  return inner.kind === "fine" ? { kind: "fine", path } : inner;
}

async function inspectElf(
  peek: Peek,
  question: ProgramQuestion,
  path: string,
  file: FilePeek,
  elf: ElfFacts,
): Promise<ProgramFinding> {
  const runs = RUNS[question.arch] ?? [];
  if (runs.length > 0 && !runs.includes(elf.machine)) {
    const host = machineName(runs[0] ?? 0);
    return { kind: "architecture", path, machine: machineName(elf.machine), host };
  }
  if (elf.interpreter === undefined) return { kind: "fine", path };
  if (!(await peek(elf.interpreter, 0, 0))) return { kind: "loaderMissing", path, loader: elf.interpreter };
  const libraries = await missingLibraries(peek, file.path, elf, question.libraryPath);
  return libraries.length > 0 ? { kind: "libraryMissing", path, libraries } : { kind: "fine", path };
}
