import type { Template } from "../template/index.ts";
import type { Screen } from "../tty/style.ts";
import { type Fields, Header, Item } from "./fields.ts";
import { layOut } from "./tabs.ts";

/** How a list of things is shown. */
export interface Listing<T> {
  /** As Go calls the type in errors: "*formatter.ContainerContext". */
  readonly typeName: string;
  readonly fields: Fields<T>;
  /** Fields of the table that is shown without a format. */
  readonly columns: readonly string[];
  /** What `--format raw` stands for. */
  readonly raw?: string;
  /** What is said before why a format cannot be read. */
  readonly unreadable?: string;
}

/** The text of things in a format: `table`, `table TEMPLATE`, `json`, or a template. */
export async function formatItems<T>(
  listing: Listing<T>,
  format: string,
  items: Iterable<T>,
): Promise<string> {
  if (format === "table" || format === "") return plainTable(listing, items);
  const template = await readFormat(format, listing.raw, listing.unreadable);
  const lines = [...items].map((item) =>
    executed(() => template.render(new Item(listing.typeName, listing.fields, item))),
  );
  if (!isTable(format)) return lines.map((line) => `${line}\n`).join("");
  const { HEADER_FUNCTIONS } = await import("../template/index.ts");
  const header = executed(() => template.render(new Header(listing.fields), { functions: HEADER_FUNCTIONS }));
  return layOut([header, ...lines].map((line) => `${line}\n`).join(""));
}

/** Whether rows are laid out below a header; they show things short. */
export const isTable = (format: string): boolean => format.startsWith("table");

/** The template of a `--format`: `json`, `raw` where there is one, `table TEMPLATE`, or itself. */
export async function readFormat(
  format: string,
  raw?: string,
  unreadable = "template parsing error: ",
): Promise<Template> {
  const { readTemplate } = await import("../template/index.ts");
  const source = format === "json" ? "{{json .}}" : format === "raw" && raw ? raw : format;
  const text = (isTable(format) ? source.slice("table".length) : source)
    .replace(/^ +| +$/g, "")
    .replaceAll("\\t", "\t")
    .replaceAll("\\n", "\n");
  return explained(unreadable, () => readTemplate(text));
}

/** Without a template there is nothing to read: the quick way for what is asked for most. */
function plainTable<T>({ fields, columns }: Listing<T>, items: Iterable<T>): string {
  const lines = [columns.map((name) => fields[name]?.header ?? "")];
  for (const item of items) lines.push(columns.map((name) => String(fields[name]?.make(item, []) ?? "")));
  return layOut(`${lines.map((cells) => cells.join("\t")).join("\n")}\n`);
}

function executed<T>(body: () => T): T {
  return explained("failed to execute template: ", body);
}

function explained<T>(prefix: string, body: () => T): T {
  try {
    return body();
  } catch (error) {
    throw new Error(`${prefix}${error instanceof Error ? error.message : error}`, { cause: error });
  }
}

export async function showItems<T>(
  out: Screen,
  listing: Listing<T>,
  format: string,
  items: Iterable<T>,
): Promise<void> {
  out.write(await formatItems(listing, format, items));
}
