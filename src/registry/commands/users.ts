import { readFile } from "node:fs/promises";
import type { Command } from "commander";
import { checkPassword, hashPassword } from "../auth/passwords.ts";
import { Users } from "../auth/users.ts";
import { type DataFlags, dataOption, openExisting, openOrMake, readPassword, recordByHand } from "./data.ts";

interface AddFlags extends DataFlags {
  readonly admin?: boolean;
  readonly email?: string;
  readonly passwordStdin?: boolean;
}

export function configureUserAdd(command: Command): void {
  dataOption(command)
    .argument("<name>")
    .option("--admin", "administers the whole registry")
    .option("--email <address>")
    .option("--password-stdin", "read the password from stdin")
    .action(async (name: string, flags: AddFlags) => {
      const password = await readPassword(flags.passwordStdin ?? false);
      checkPassword(password);
      const hash = await hashPassword(password);
      using metadata = openOrMake(flags);
      metadata.database.transaction(() => {
        const { admin } = new Users(metadata.database).create(name, hash, flags);
        recordByHand(metadata, "user.create", { reference: name, detail: { admin } });
      });
    });
}

export function configureUserPassword(command: Command): void {
  dataOption(command)
    .argument("<name>")
    .option("--password-stdin", "read the password from stdin")
    .action(async (name: string, flags: AddFlags) => {
      const password = await readPassword(flags.passwordStdin ?? false);
      checkPassword(password);
      const hash = await hashPassword(password);
      using metadata = openExisting(flags);
      const users = new Users(metadata.database);
      metadata.database.transaction(() => {
        users.setPassword(users.named(name), hash);
        recordByHand(metadata, "user.password", { reference: name });
      });
    });
}

export function configureUserList(command: Command): void {
  dataOption(command).action((flags: DataFlags) => {
    using metadata = openExisting(flags);
    for (const { name, admin, disabled } of new Users(metadata.database).list()) {
      const notes = [...(admin ? ["administrator"] : []), ...(disabled ? ["disabled"] : [])];
      process.stdout.write(`${name}${notes.length > 0 ? ` (${notes.join(", ")})` : ""}\n`);
    }
  });
}

export function configureHtpasswdImport(command: Command): void {
  dataOption(command)
    .argument("<file>", "as htpasswd writes it: bcrypt, apr1 or SHA")
    .action(async (file: string, flags: DataFlags) => {
      const { parseHtpasswd } = await import("../auth/htpasswd.ts");
      const entries = parseHtpasswd(await readFile(file, "utf8"));
      using metadata = openOrMake(flags);
      const users = new Users(metadata.database);
      metadata.database.transaction(() => {
        const fresh = entries.filter(({ name }) => !users.find(name));
        for (const { name, hash } of fresh) users.create(name, hash);
        recordByHand(metadata, "user.import", { detail: { users: fresh.map(({ name }) => name) } });
        process.stdout.write(
          `${fresh.length} users were imported, ${entries.length - fresh.length} were there already\n`,
        );
      });
    });
}
