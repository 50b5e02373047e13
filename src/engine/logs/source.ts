import { invalidParameter } from "../../base/errors.ts";
import { shortId } from "../../base/ids.ts";
import type { ContainerConfig } from "../containers/documents.ts";
import { argumentsOf } from "../containers/merge-config.ts";
import type { ContainerRecord } from "../containers/record.ts";
import type { Labels } from "../views.ts";
import type { LogSource } from "./driver.ts";

const DEFAULT_TAG = "{{.ID}}";

function parsePattern(option: string, text: string): RegExp {
  try {
    return new RegExp(text);
  } catch (error) {
    throw invalidParameter(`log opt ${option} is no regular expression: '${text}'`, error);
  }
}

/** The pairs whose names an option lists or matches. */
function chosen(pairs: Labels, options: Labels, list: string, regex: string): Labels {
  const names = new Set((options[list] ?? "").split(",").filter((name) => name !== ""));
  const pattern = options[regex] ? parsePattern(regex, options[regex]) : undefined;
  return Object.fromEntries(Object.entries(pairs).filter(([name]) => names.has(name) || pattern?.test(name)));
}

function variables(env: readonly string[]): Labels {
  return Object.fromEntries(
    env.map((text) => {
      const cut = text.indexOf("=");
      return cut < 0 ? [text, ""] : [text.slice(0, cut), text.slice(cut + 1)];
    }),
  );
}

/** What `labels`, `labels-regex`, `env` and `env-regex` pick. */
export function extraAttributes({ Labels, Env }: ContainerConfig, options: Labels): Labels {
  return {
    ...chosen(Labels ?? {}, options, "labels", "labels-regex"),
    ...chosen(variables(Env ?? []), options, "env", "env-regex"),
  };
}

/** What a tag may name, as in Docker. */
const FIELDS: Readonly<Record<string, (record: ContainerRecord, hostname: string) => string>> = {
  ID: ({ id }) => shortId(id),
  FullID: ({ id }) => id,
  Name: ({ name }) => name,
  ImageID: ({ document }) => document.image.slice(0, 12),
  ImageFullID: ({ document }) => document.image,
  ImageName: ({ document }) => document.imageName,
  Command: ({ document }) => argumentsOf(document.config).join(" "),
  Hostname: (_record, hostname) => hostname,
  DaemonName: () => "docker",
  ContainerID: ({ id }) => id,
  ContainerName: ({ name }) => `/${name}`,
  ContainerImageID: ({ document }) => document.image,
  ContainerImageName: ({ document }) => document.imageName,
};

/** Fills in a `tag`: Go's template language, of which the fields alone. Throws invalidParameter for anything more. */
export function fillTag(template: string, fieldOf: (field: string) => string): string {
  return template.replace(/\{\{-?\s*(.*?)\s*-?\}\}/g, (_whole, expression: string) => {
    const name = expression.replace(/^\./, "");
    if (expression.startsWith(".") && Object.hasOwn(FIELDS, name)) return fieldOf(name);
    const known = Object.keys(FIELDS).map((field) => `.${field}`);
    throw invalidParameter(`log opt tag: {{${expression}}} is not known: use ${known.join(", ")}`);
  });
}

/** Refuses patterns and tags that cannot be, before there is a container. */
export function checkSourceOptions(options: Labels): void {
  for (const option of ["labels-regex", "env-regex"])
    if (options[option]) parsePattern(option, options[option]);
  if (options["tag"]) fillTag(options["tag"], () => "");
}

export function sourceOf(record: ContainerRecord, options: Labels, hostname: string): LogSource {
  const { id, name, document } = record;
  return {
    id,
    name,
    imageId: document.image,
    imageName: document.imageName,
    created: document.created,
    command: argumentsOf(document.config).join(" "),
    hostname,
    attributes: extraAttributes(document.config, options),
    tag: fillTag(options["tag"] || DEFAULT_TAG, (field) => FIELDS[field]?.(record, hostname) ?? ""),
  };
}

/** What `logs --details` shows beside each line; undefined for nothing. */
export function detailsOf(record: ContainerRecord, options: Labels, hostname: string): Labels | undefined {
  const { attributes, tag } = sourceOf(record, options, hostname);
  const all = Object.entries({ ...attributes, ...(options["tag"] ? { tag } : {}) });
  return all.length === 0 ? undefined : Object.fromEntries(all.toSorted(([a], [b]) => (a < b ? -1 : 1)));
}
