import { invalidParameter } from "../base/errors.ts";
import { parseDigest } from "./digest.ts";
import type { HistoryEntry, ImageConfig, ImageProcessConfig } from "./image-config.ts";
import {
  asList,
  asObject,
  asText,
  type Fields,
  optionalText,
  optionalTextMap,
  optionalTexts,
  parseObject,
} from "./shape.ts";

/** The largest image configuration read: 8 MiB, as other engines allow. */
export const CONFIG_LIMIT = 8 * 1024 * 1024;
const ENTRY_LIMIT = 16384;

/**
 * Reads an image configuration (OCI config.md, Docker image spec v1.2). Only what the engine relies on is checked;
 * fields it does not know travel along, because the bytes are what the image's id stands for.
 * Throws invalidParameter.
 */
export function parseImageConfig(content: string | Uint8Array): ImageConfig {
  const fields = parseObject("image configuration", content, CONFIG_LIMIT);
  const rootfs = asObject("the image configuration's rootfs", fields["rootfs"]);
  const type = asText("rootfs.type", rootfs["type"]);
  if (type !== "layers")
    throw invalidParameter(`unsupported rootfs type "${type}" in the image configuration: expected layers`);
  const diffIds = optionalTexts("rootfs.diff_ids", rootfs["diff_ids"], ENTRY_LIMIT) ?? [];
  if (fields["config"] != null) checkProcess(asObject("the image's config", fields["config"]));
  if (fields["container_config"] != null)
    asObject("the image's container_config", fields["container_config"]);
  const history =
    fields["history"] == null ? [] : asList("the image's history", fields["history"], ENTRY_LIMIT);
  for (const entry of history) checkHistory(asObject("a history entry", entry));
  for (const name of ["variant", "created", "author", "comment", "container", "os.version"])
    optionalText(name, fields[name]);
  return {
    ...fields,
    architecture: optionalText("architecture", fields["architecture"]) ?? "",
    os: optionalText("os", fields["os"]) || "linux",
    rootfs: { type, diff_ids: diffIds.map(parseDigest) },
    ...(fields["config"] == null
      ? { config: undefined }
      : { config: fields["config"] as ImageProcessConfig }),
    history: history as readonly HistoryEntry[],
  };
}

const TEXTS = ["User", "WorkingDir", "StopSignal"] as const;
const LISTS = ["Env", "Entrypoint", "Cmd", "OnBuild", "Shell"] as const;
const SETS = ["ExposedPorts", "Volumes"] as const;

function checkProcess(config: Fields): void {
  for (const name of TEXTS) optionalText(`config.${name}`, config[name]);
  for (const name of LISTS) optionalTexts(`config.${name}`, config[name], ENTRY_LIMIT);
  for (const name of SETS) if (config[name] != null) asObject(`config.${name}`, config[name]);
  optionalTextMap("config.Labels", config["Labels"], ENTRY_LIMIT);
  if (config["Healthcheck"] == null) return;
  const health = asObject("config.Healthcheck", config["Healthcheck"]);
  optionalTexts("config.Healthcheck.Test", health["Test"], ENTRY_LIMIT);
}

function checkHistory(entry: Fields): void {
  for (const name of ["created", "created_by", "author", "comment"])
    optionalText(`history.${name}`, entry[name]);
}
