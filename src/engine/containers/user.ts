import { invalidParameter } from "../../base/errors.ts";
import type { User } from "../../runtime/index.ts";

const LARGEST_ID = 2 ** 31 - 1;

interface PasswdEntry {
  readonly name: string;
  readonly uid: number;
  readonly gid: number;
  readonly home: string;
}
interface GroupEntry {
  readonly name: string;
  readonly gid: number;
  readonly members: readonly string[];
}

/** What a user specification came to. */
export interface ResolvedUser extends User {
  readonly home: string;
}

const lines = (text: string): readonly (readonly string[])[] =>
  text
    .split("\n")
    .map((line) => line.trim())
    .filter((line) => line !== "" && !line.startsWith("#"))
    .map((line) => line.split(":"));

const isNegative = (text: string): boolean => /^-\d+$/.test(text);
const isNumber = (text: string | undefined): text is string => text !== undefined && /^\d{1,10}$/.test(text);

/** passwd(5); lines that make no sense are passed over, as libc does. */
function parsePasswd(text: string): readonly PasswdEntry[] {
  return lines(text).flatMap(([name = "", , uid, gid, , home = ""]) =>
    isNumber(uid) && isNumber(gid) ? [{ name, uid: Number(uid), gid: Number(gid), home }] : [],
  );
}

/** group(5). */
function parseGroup(text: string): readonly GroupEntry[] {
  return lines(text).flatMap(([name = "", , gid, members = ""]) =>
    isNumber(gid)
      ? [{ name, gid: Number(gid), members: members.split(",").filter((member) => member !== "") }]
      : [],
  );
}

const outOfRange = () => invalidParameter("uids and gids must be in range 0-2147483647");

function inRange(id: number): number {
  if (id <= LARGEST_ID) return id;
  throw outOfRange();
}

function findUser(text: string, passwd: readonly PasswdEntry[]): PasswdEntry {
  const named = passwd.find(({ name }) => name === text);
  if (named) return named;
  if (isNegative(text)) throw outOfRange();
  if (!isNumber(text))
    throw invalidParameter(`unable to find user ${text}: no matching entries in passwd file`);
  const uid = inRange(Number(text));
  return passwd.find((entry) => entry.uid === uid) ?? { name: "", uid, gid: 0, home: "/" };
}

function findGroup(text: string, groups: readonly GroupEntry[]): number {
  const named = groups.find(({ name }) => name === text);
  if (named) return named.gid;
  if (isNegative(text)) throw outOfRange();
  if (!isNumber(text))
    throw invalidParameter(`unable to find group ${text}: no matching entries in group file`);
  return inRange(Number(text));
}

/**
 * "user", "uid", "user:group", "uid:gid" as the container's own files know them. A group given by name or number drops
 * the groups the user is listed in, `--group-add` comes on top. Pure; throws invalidParameter in Docker's words.
 */
export function resolveUser(
  spec: string,
  groupAdd: readonly string[],
  passwdText: string,
  groupText: string,
): ResolvedUser {
  const passwd = parsePasswd(passwdText);
  const groups = parseGroup(groupText);
  const [userText = "", groupPart = ""] = spec.split(":");
  const user = findUser(userText === "" ? "0" : userText, passwd);
  const gid = groupPart === "" ? user.gid : findGroup(groupPart, groups);
  const listed = user.name === "" ? [] : groups.filter(({ members }) => members.includes(user.name));
  const own = groupPart === "" ? listed.map((group) => group.gid) : [];
  const added = groupAdd.map((text) => findGroup(text, groups));
  // The primary group is among them: without it a set-group-id program could drop it and gain what it is denied.
  const additional = new Set([gid, ...own, ...added]);
  return { uid: user.uid, gid, additionalGids: [...additional], home: user.home || "/" };
}
