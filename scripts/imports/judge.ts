import { posix } from "node:path";
import { RESERVED, ROOMS, type Room } from "./rules.ts";
import { type ImportSite, scanImports } from "./scan.ts";

/** A broken rule, in words for the person who has to mend it. */
export interface Finding {
  readonly file: string;
  readonly line: number;
  readonly rule: string;
  readonly remedy: string;
}

/** What the judge knows of the project besides the file. */
export interface Project {
  /** Names of the packages that are there at run time, beside the bundles or in them. */
  readonly dependencies: ReadonlySet<string>;
}

const isTest = (file: string): boolean => /\.test\.ts$/.test(file) || file.startsWith("test/");
const within = (path: string, folder: string): boolean => path === folder || path.startsWith(`${folder}/`);

function roomOf(file: string): Room | undefined {
  const path = file.replace(/^src\//, "");
  return ROOMS.filter((room) => within(path, room.folder)).sort(
    (a, b) => b.folder.length - a.folder.length,
  )[0];
}

/** Everything a file of src/ imports against the rules. `file` is relative to the checkout. */
export function judgeFile(file: string, source: string, project: Project): readonly Finding[] {
  const room = roomOf(file);
  if (!room) {
    return [
      {
        file,
        line: 1,
        rule: "the file is in no known room",
        remedy: "put it into one, or add a room to scripts/imports/rules.ts",
      },
    ];
  }
  return scanImports(source).flatMap((site) => {
    const broken = judgeSite(file, room, site, project);
    return broken ? [{ file, line: site.line, ...broken }] : [];
  });
}

type Broken = Pick<Finding, "rule" | "remedy">;

function judgeSite(file: string, room: Room, site: ImportSite, project: Project): Broken | undefined {
  const { specifier } = site;
  if (specifier === undefined) {
    if (isTest(file)) return undefined;
    return {
      rule: "imports a path made at run time, which no check can follow",
      remedy: "write the path as a literal",
    };
  }
  if (specifier.startsWith(".")) return judgePath(file, room, posix.join(posix.dirname(file), specifier));
  return judgeModule(file, specifier, project);
}

function judgeModule(file: string, specifier: string, project: Project): Broken | undefined {
  const reserved = RESERVED.find(({ module }) => within(specifier, module));
  const path = file.replace(/^src\//, "");
  if (isTest(file)) {
    const ffi = specifier === "koffi" && !within(path, "kernel/linux");
    return ffi ? { rule: "koffi is not for this folder", remedy: reserved?.remedy ?? "" } : undefined;
  }
  if (reserved && !reserved.rooms.some((room) => within(path, room))) {
    return { rule: `${specifier} is only for ${reserved.rooms.join(", ")}`, remedy: reserved.remedy };
  }
  if (specifier.startsWith("node:")) return undefined;
  const name = specifier
    .split("/")
    .slice(0, specifier.startsWith("@") ? 2 : 1)
    .join("/");
  if (project.dependencies.has(name)) return undefined;
  return {
    rule: `${name} is not a run-time dependency`,
    remedy: "use what is there, or make the case for it in docs/dependencies.md",
  };
}

function judgePath(file: string, room: Room, target: string): Broken | undefined {
  if (isTest(file)) return undefined;
  if (isTest(target)) return { rule: "imports a test", remedy: "move what is shared into a file of its own" };
  if (!target.startsWith("src/"))
    return /\.json$/.test(target)
      ? undefined
      : { rule: "imports from outside src/", remedy: "move it into src/" };
  const other = roomOf(target);
  if (!other) return { rule: `imports ${target}, which is in no known room`, remedy: "mend the path" };
  if (other === room || (room.folder === "api" && within(other.folder, "api"))) return undefined;
  if (room.may !== "everything" && !room.may.includes(other.folder)) {
    return { rule: `${room.folder} may not import ${other.folder}`, remedy: room.remedy };
  }
  return other.open || isDoor(room, other, target)
    ? undefined
    : {
        rule: `imports ${target}, an inside of ${other.folder}`,
        remedy: `import src/${other.folder}/index.ts, and export there what others may use`,
      };
}

/** index.ts of the room; those who wire and start things may also enter a wing of it by that wing's index.ts. */
function isDoor(room: Room, other: Room, target: string): boolean {
  if (target === `src/${other.folder}/index.ts`) return true;
  return (room.folder === "daemon" || room.folder === "main") && target.endsWith("/index.ts");
}
