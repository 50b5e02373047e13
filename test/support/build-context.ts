import { mkdir, writeFile } from "node:fs/promises";
import { dirname, join } from "node:path";

/** Makes a folder with these files, by their paths below it, and gives it back. */
export async function makeContext(folder: string, files: Readonly<Record<string, string>>): Promise<string> {
  for (const [name, text] of Object.entries(files)) {
    await mkdir(dirname(join(folder, name)), { recursive: true });
    await writeFile(join(folder, name), text);
  }
  return folder;
}
