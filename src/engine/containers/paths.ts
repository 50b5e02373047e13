import { join } from "node:path";
import { keepsLog } from "../logs/drivers.ts";
import type { EngineSettings } from "../ports.ts";
import type { ContainerRecord } from "./record.ts";

/** The container's own folder on disk. */
export const containerFolder = (settings: EngineSettings, id: string): string =>
  join(settings.containersFolder, id);

/** Where its output is kept; undefined with the log driver "none". */
export const logPath = (settings: EngineSettings, { id, document }: ContainerRecord): string | undefined =>
  keepsLog(document.hostConfig.LogConfig) ? join(containerFolder(settings, id), "container.log") : undefined;
