import { closeSync, constants, fstatSync, readFileSync } from "node:fs";
import { invalidParameter } from "../../base/errors.ts";
import { didYouMean } from "../dockerfile/index.ts";
import { orMissing, type RootFolder } from "./root-folder.ts";
import type { Owner } from "./root-writer.ts";

/** Larger account files are not read: bytes. */
const LIMIT = 16 * 1024 * 1024;
const MAX_ID = 2 ** 32 - 2;

/**
 * Resolves `--chown=user[:group]`: numbers as they are, names by the root filesystem's own /etc/passwd and /etc/group.
 * A name without a group takes the user's; a number without one takes the same number. Throws invalidParameter.
 */
export function resolveOwner(text: string, root: RootFolder): Owner {
  const [user = "", group] = text.split(":", 2);
  if (text.split(":").length > 2 || user === "") throw invalidParameter(`invalid chown string: ${text}`);
  const account = isNumber(user) ? undefined : findAccount(root, "/etc/passwd", user, "user");
  const uid = account ? Number(account[2]) : toId(user);
  if (group === undefined || group === "") return { uid, gid: account ? Number(account[3]) : uid };
  return {
    uid,
    gid: isNumber(group) ? toId(group) : Number(findAccount(root, "/etc/group", group, "group")[2]),
  };
}

const isNumber = (text: string): boolean => /^\d+$/.test(text);

function toId(text: string): number {
  const id = Number(text);
  if (id > MAX_ID) throw invalidParameter(`uids and gids must be in range 0-${MAX_ID}`);
  return id;
}

function findAccount(root: RootFolder, file: string, name: string, what: string): readonly string[] {
  const accounts = readText(root, file)
    .split("\n")
    .map((line) => line.split(":"));
  const found = accounts.find((fields) => fields[0] === name && isNumber(fields[2] ?? ""));
  if (found) return found;
  const hint = didYouMean(
    name,
    accounts.map(([known]) => known ?? ""),
  );
  throw invalidParameter(
    `unable to convert uid/gid chown string to host mapping: can't find ${what} ${name} in ${file} of the image${hint}`,
  );
}

function readText(root: RootFolder, path: string): string {
  const fd = orMissing(() => root.open(path, constants.O_RDONLY | constants.O_NONBLOCK));
  if (fd === undefined) return "";
  try {
    const stat = fstatSync(fd);
    if (!stat.isFile() || stat.size > LIMIT)
      throw invalidParameter(`${path} of the image is not an account file`);
    return readFileSync(fd, "utf8");
  } finally {
    closeSync(fd);
  }
}
