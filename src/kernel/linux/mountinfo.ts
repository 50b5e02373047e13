import type { MountInfo } from "../mounts.ts";

const decodeEscapes = (text: string): string => {
  if (!text.includes("\\")) return text;
  // The escapes stand for bytes, but only for space, tab, line feed, backslash and "#", which are one byte each.
  return text.replace(/\\([0-7]{3})/g, (_, digits: string) =>
    String.fromCharCode(Number.parseInt(digits, 8)),
  );
};

function parseLine(line: string): MountInfo | undefined {
  const fields = line.split(" ");
  const separator = fields.indexOf("-", 6);
  const [id, parent, , root, target, options] = fields;
  const [type, source, superOptions] = fields.slice(separator + 1);
  if (separator < 0 || !id || !parent || !root || !target || !options || !type) return undefined;
  return {
    id: Number(id),
    parent: Number(parent),
    root: decodeEscapes(root),
    target: decodeEscapes(target),
    options: options.split(","),
    optional: fields.slice(6, separator),
    type,
    source: decodeEscapes(source ?? ""),
    superOptions: decodeEscapes(superOptions ?? "").split(","),
  };
}

/** Reads the text of /proc/PID/mountinfo, proc_pid_mountinfo(5); lines that do not fit the format are left out. */
export function parseMountInfo(text: string): readonly MountInfo[] {
  return text.split("\n").flatMap((line) => parseLine(line) ?? []);
}
