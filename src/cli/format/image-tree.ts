import type { ImageSummary, ManifestSummary } from "../../api/schema/image.ts";
import { paint, type Screen, type Style } from "../tty/style.ts";
import { ellipsis, formatBytes, shortId } from "./units.ts";

/** What is known of an image, or of one of its platforms. */
interface Details {
  readonly id: string;
  readonly disk: string;
  readonly content: string;
  readonly used: boolean;
}

interface Leaf {
  readonly platform: string;
  /** Its content is on this machine. */
  readonly available: boolean;
  readonly details: Details;
}

interface Tree {
  readonly names: readonly string[];
  readonly details: Details;
  readonly leaves: readonly Leaf[];
}

interface Column {
  readonly title: string;
  readonly width: number;
  readonly right?: boolean;
  /** What it says of an image; the first column holds names. */
  readonly value?: (details: Details, screen: Screen) => string;
}

const BETWEEN = "   ";
/** A column of names that is narrower gives the place of the others to names. */
const NARROWEST_NAMES = 12;
const UNTAGGED = "<untagged>";
const WARNING =
  "WARNING: This is an experimental feature. The output may change and shouldn't be depended on.";

/** Black on cyan on a terminal, as docker's. */
const chip = (screen: Screen): string => (screen.colour ? "\x1b[38;5;0m\x1b[48;5;14m U \x1b[0m" : "U");
const noChip = (screen: Screen): string => (screen.colour ? "   " : " ");
/** Columns that text takes: escape sequences take none. */
// biome-ignore lint/suspicious/noControlCharactersInRegex: they begin with one
const widthOf = (text: string): number => [...text.replace(/\x1b\[[0-9;]*m/g, "")].length;

/** Images with the platforms each of them is there for, laid out as docker's; `columns` is the terminal's width. */
export function imageTree(
  images: readonly ImageSummary[],
  all: boolean,
  screen: Screen,
  columns: number,
): string {
  const shown = images.filter((image) => all || !isDangling(image));
  const trees = [...shown].sort((a, b) => b.Created - a.Created).map(treeOf);
  const layout = fit(trees, screen, Math.max(columns, 20));
  const spaced = trees.some(({ leaves }) => leaves.length > 0);
  const rows = trees.map((tree) => `${rowsOf(tree, layout, screen)}${spaced ? "\n" : ""}`);
  const head = layout.map(({ title, width, right }) =>
    cell(title.toUpperCase(), { title, width, right: right === true }, screen, "bold"),
  );
  const legend = ` Info ${screen.colour ? "→" : "->"}  ${chip(screen)} In Use `;
  const top = `${paint(screen, "yellow", WARNING)}\n${" ".repeat(Math.max(0, columns - widthOf(legend)))}${legend}\n\n`;
  return `${top}${head.join(BETWEEN)}\n${rows.join("")}`;
}

const isDangling = ({ RepoTags, RepoDigests }: ImageSummary): boolean =>
  (RepoTags ?? []).every((tag) => tag === "<none>:<none>") &&
  (RepoDigests ?? []).every((digest) => digest === "<none>@<none>");

function treeOf({ Id, RepoTags, Size, Containers, Manifests = [] }: ImageSummary): Tree {
  const leaves = Manifests.flatMap(leafOf);
  const content = Manifests.reduce((sum, manifest) => sum + manifest.Size.Content, 0);
  const used = Containers > 0 || leaves.some(({ details }) => details.used);
  const details = { id: Id, disk: formatBytes(Size), content: formatBytes(content), used };
  return { names: [...(RepoTags ?? [])].sort((a, b) => b.length - a.length), details, leaves };
}

function leafOf({ ID, Kind, Available, Size, ImageData }: ManifestSummary): readonly Leaf[] {
  if (Kind !== "image" || ImageData === undefined) return [];
  const { os, architecture, variant } = ImageData.Platform;
  const details = {
    id: ID,
    disk: formatBytes(Size.Total),
    content: formatBytes(Size.Content),
    used: ImageData.Containers.length > 0,
  };
  const platform = [os, architecture, variant].filter(Boolean).join("/");
  return [{ platform, available: Available, details }];
}

/** The columns that have room, the first no wider than what is in it. */
function fit(trees: readonly Tree[], screen: Screen, columns: number): readonly Column[] {
  const marked = trees.some(({ leaves }) => leaves.some(({ details }) => details.used));
  const others: readonly Column[] = [
    { title: "ID", width: 12, value: ({ id }) => shortId(id) },
    { title: "Disk usage", width: 10, right: true, value: ({ disk }) => disk },
    { title: "Content size", width: 12, right: true, value: ({ content }) => content },
    {
      title: "Extra",
      width: "Extra".length,
      value: ({ used }) => (marked ? (used ? chip(screen) : noChip(screen)) : ""),
    },
  ];
  let names = columns;
  const kept: Column[] = [];
  for (const column of others) {
    const takes = column.width + BETWEEN.length;
    if (names - takes < NARROWEST_NAMES) break;
    names -= takes;
    kept.push(column);
  }
  const texts = trees.flatMap((tree) => [
    ...tree.names,
    ...tree.leaves.map(({ platform }) => `└─ ${platform}`),
  ]);
  return [
    { title: "Image", width: Math.min(names, Math.max("Image".length, ...texts.map(widthOf))) },
    ...kept,
  ];
}

/** Names of an image above each other, the shortest with the details beside it; below them its platforms. */
function rowsOf({ names, details, leaves }: Tree, columns: readonly Column[], screen: Screen): string {
  const [first] = columns;
  if (first === undefined) return "";
  const row = (name: string, style: Style | undefined, of: Details, faint = false) => {
    const values = columns
      .slice(1)
      .map((column) => cell(column.value?.(of, screen) ?? "", column, screen, faint ? "dim" : undefined));
    return `${[cell(name, first, screen, style), ...values].join(BETWEEN)}\n`;
  };
  const above = names.slice(0, -1).map((name) => `${paint(screen, "blue", name)}\n`);
  const name = names.at(-1);
  const own = row(name ?? UNTAGGED, name === undefined ? "dim" : "blue", details);
  const below = leaves.map(({ platform, available, details: of }, index) =>
    row(
      `${index === leaves.length - 1 ? "└─" : "├─"} ${platform}`,
      available ? undefined : "dim",
      of,
      !available,
    ),
  );
  return [...above, own, ...below].join("");
}

function cell(
  text: string,
  { width, right }: Pick<Column, "width" | "right" | "title">,
  screen: Screen,
  style: Style | undefined,
): string {
  const cut = widthOf(text) > width ? ellipsis(text, width) : text;
  const fill = " ".repeat(Math.max(0, width - widthOf(cut)));
  const painted = style === undefined ? cut : paint(screen, style, cut);
  return right ? fill + painted : painted + fill;
}
