import { execFile } from "node:child_process";
import { existsSync, mkdirSync, readFileSync, renameSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { promisify } from "node:util";
import { conflict, forbidden, messageOf, systemError } from "../../base/errors.ts";
import { MARK, unitFiles } from "./units.ts";

/** Where units lie (systemd.unit(5)): the administrator's, those of this start of the machine, and packages'. */
const ADMINISTRATOR = "/etc/systemd/system";
const PACKAGES = "/usr/lib/systemd/system";
const FOLDERS = [ADMINISTRATOR, "/run/systemd/system", PACKAGES, "/lib/systemd/system"];
export const UNIT_NAMES: readonly string[] = Object.keys(unitFiles(""));

/** systemd is the machine's first process (sd_booted(3)). */
export const runsSystemd = (): boolean => existsSync("/run/systemd/system");

/** systemd runs here and has the engine's unit. */
export const isManaged = (): boolean =>
  runsSystemd() && FOLDERS.some((folder) => existsSync(join(folder, "wharf.service")));

export async function systemctl(...args: readonly string[]): Promise<void> {
  try {
    await promisify(execFile)("systemctl", args);
  } catch (cause) {
    const { stderr = "" } = cause as { readonly stderr?: string };
    throw systemError(`systemctl ${args.join(" ")} failed: ${stderr.trim() || messageOf(cause)}`, cause);
  }
}

/** Throws where units are the administrator's to change, and this is not the administrator. `verb`: what is to be called again. */
export function needRoot(root: string, verb: string): void {
  if (root === "" && process.getuid?.() !== 0)
    throw forbidden(`units in ${ADMINISTRATOR} are changed by root alone; run: sudo wharf system ${verb}`);
}

/** The folder of the units: the administrator's, or below the `root` of a package's files. */
const unitFolder = (root: string): string => (root === "" ? ADMINISTRATOR : join(root, PACKAGES));

/** Writes the units that run `program`, all or none. Gives their paths. */
export function writeUnits(root: string, program: string): readonly string[] {
  const folder = unitFolder(root);
  unitsThere(root);
  mkdirSync(folder, { recursive: true });
  const before = UNIT_NAMES.map((name) => [name, contentOf(join(folder, name))] as const);
  try {
    for (const [name, text] of Object.entries(unitFiles(program))) writeWhole(join(folder, name), text);
  } catch (error) {
    for (const [name, text] of before) restore(join(folder, name), text);
    throw error;
  }
  return UNIT_NAMES.map((name) => join(folder, name));
}

/** Paths of the units that were written here. Throws when somebody else wrote one. */
export function unitsThere(root: string): readonly string[] {
  const paths = UNIT_NAMES.map((name) => join(unitFolder(root), name)).filter((path) => existsSync(path));
  for (const path of paths) refuseForeign(path);
  return paths;
}

/** Removes them, and gives the paths of those that were there. */
export function removeUnits(root: string): readonly string[] {
  const paths = unitsThere(root);
  for (const path of paths) rmSync(path);
  return paths;
}

function refuseForeign(path: string): void {
  const text = contentOf(path);
  if (text !== undefined && !text.startsWith(MARK))
    throw conflict(`${path} was not written by wharf system install; move it away first`);
}

const contentOf = (path: string): string | undefined =>
  existsSync(path) ? readFileSync(path, "utf8") : undefined;

function writeWhole(path: string, text: string): void {
  const unfinished = `${path}.${process.pid}`;
  try {
    writeFileSync(unfinished, text, { mode: 0o644 });
    renameSync(unfinished, path);
  } finally {
    rmSync(unfinished, { force: true });
  }
}

function restore(path: string, text: string | undefined): void {
  if (text === undefined) rmSync(path, { force: true });
  else writeWhole(path, text);
}
