import { join } from "node:path";
import type { Command } from "commander";
import { createLogger } from "../../base/log.ts";
import { holdExclusively } from "../../store/index.ts";
import { AuditLog } from "../audit/audit.ts";
import { DEFAULTS } from "../config.ts";
import { Contents } from "../content/contents.ts";
import { Uploads } from "../content/uploads.ts";
import { Journal } from "../journal/journal.ts";
import { Traffic } from "../journal/traffic.ts";
import { type DataFlags, dataOption, openExisting, recordByHand } from "./data.ts";
import { duration } from "./durations.ts";

const print = (line: string): boolean => process.stdout.write(`${line}\n`);

export function configureBackup(command: Command): void {
  dataOption(command)
    .argument("<folder>", "where to; a second backup into it copies what is new")
    .action(async (folder: string, flags: DataFlags) => {
      const { backUp } = await import("../operations/backup.ts");
      using metadata = openExisting(flags);
      const { contents, bytes, kept } = await backUp(metadata, flags.data, folder);
      recordByHand(metadata, "registry.backup", { reference: folder });
      print(`${contents} contents (${bytes} bytes) were copied, ${kept} were there already`);
    });
}

export function configureRestore(command: Command): void {
  dataOption(command)
    .argument("<folder>", "a folder that backup has written")
    .action(async (folder: string, flags: DataFlags) => {
      const { restore } = await import("../operations/backup.ts");
      const { contents, bytes } = await restore(folder, flags.data);
      using metadata = openExisting(flags);
      recordByHand(metadata, "registry.restore", { reference: folder });
      print(`${contents} contents (${bytes} bytes) were restored`);
    });
}

interface VerifyFlags extends DataFlags {
  readonly quick?: boolean;
}

export function configureVerify(command: Command): void {
  dataOption(command)
    .option("--quick", "look at sizes only; else every content is read and hashed")
    .action(async (flags: VerifyFlags) => {
      const { verify } = await import("../operations/verify.ts");
      const { FilesystemStorage } = await import("../storage/filesystem.ts");
      using metadata = openExisting(flags);
      const storage = await FilesystemStorage.open(flags.data);
      let faults = 0;
      for await (const { kind, subject, detail } of verify(metadata, storage, { content: !flags.quick })) {
        print(`${kind}: ${subject}: ${detail}`);
        faults++;
      }
      const { count, bytes } = metadata.blobs.totals();
      print(`${count} contents, ${bytes} bytes: ${faults === 0 ? "no fault" : `${faults} faults`}`);
      if (faults > 0) process.exitCode = 1;
    });
}

interface CollectFlags extends DataFlags {
  readonly dryRun?: boolean;
  readonly untagged?: boolean;
  readonly lease: number;
}

/** For a registry that is not running: one that runs collects by itself, or through its API. */
export function configureCollect(command: Command): void {
  dataOption(command)
    .option("--dry-run", "say what would go")
    .option("--untagged", "manifests without a tag go too")
    .option("--lease <duration>", "how long contents without a manifest stay", duration, DEFAULTS.leaseTime)
    .action(async (flags: CollectFlags) => {
      const { Collector } = await import("../gc/collector.ts");
      const { FilesystemStorage } = await import("../storage/filesystem.ts");
      using metadata = openExisting(flags);
      using _alone = holdExclusively(
        join(flags.data, "lock.db"),
        `a registry runs on ${flags.data}: it collects by itself (--gc-interval), or when told to (POST /api/v1/collections)`,
      );
      const storage = await FilesystemStorage.open(flags.data);
      const { database } = metadata;
      const log = createLogger({
        level: "info",
        format: "text",
        write: (line) => process.stderr.write(`${line}\n`),
      });
      const collector = new Collector({
        metadata,
        storage,
        contents: new Contents(storage, metadata),
        uploads: new Uploads(storage, metadata.uploads),
        journal: new Journal(new AuditLog(database), metadata, new Traffic(database), log),
        log,
        leaseTime: flags.lease,
        uploadTime: DEFAULTS.uploadTime,
      });
      const options = { by: "console", dryRun: flags.dryRun ?? false, untagged: flags.untagged ?? false };
      const { state, contents, orphans, bytes, manifests, tags } = await collector.collect(options);
      const verb = options.dryRun ? "would go" : "went";
      print(`${tags} tags, ${manifests} manifests, ${contents + orphans} contents (${bytes} bytes) ${verb}`);
      if (state !== "done") process.exitCode = 1;
    });
}
