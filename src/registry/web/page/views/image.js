/** @import { Image } from "../api-types.d.ts" */
import { get, path } from "../api.js";
import { badge, button, h, link } from "../parts/dom.js";
import { command } from "../parts/empty.js";
import { age, shortDigest, size } from "../parts/format.js";
import { heading, trail } from "../parts/heading.js";
import { configuration, history, layersTable } from "../parts/image-config.js";
import { getProject, section } from "../parts/project-frame.js";
import { facts, table } from "../parts/table.js";
import { deleteImage, deleteTag, retag } from "../parts/tag-actions.js";

/** @param {string} repository @param {string} reference */
const place = (repository, reference) => path`/ui/repositories/${repository}/-/${reference}`;

/** @param {string} repository @param {Image} image */
const manifests = (repository, { manifests: items }) =>
  table(
    "Images of the index",
    [
      {
        label: "Platform",
        cell: ({ platform, digest }) => link(place(repository, digest), platform ?? "unknown"),
      },
      { label: "Digest", cell: ({ digest }) => shortDigest(digest) },
      { label: "Manifest", number: true, cell: (item) => size(item.size) },
    ],
    items,
  );

/** @param {string} repository @param {Image} image */
const referrers = (repository, image) =>
  table(
    "Referrers",
    [
      { label: "Digest", cell: ({ digest }) => link(place(repository, digest), shortDigest(digest)) },
      { label: "Type", cell: ({ artifactType, mediaType }) => artifactType ?? mediaType },
      { label: "Pushed", cell: ({ pushed, pushedBy }) => [age(pushed), ` by ${pushedBy}`] },
    ],
    image.referrers,
  );

/** @param {string} repository @param {Image} image */
const about = (repository, image) =>
  facts([
    ["Digest", h("code", { class: "long" }, image.digest)],
    ["Kind", image.kind === "artifact" ? (image.artifactType ?? image.kind) : image.kind],
    [
      "Platform",
      image.platform ??
        (image.manifests
          .map(({ platform }) => platform)
          .filter(Boolean)
          .join(", ") ||
          "–"),
    ],
    ["Size", size(image.imageSize)],
    ["Made", age(image.created, "unknown")],
    ["Pushed", [age(image.pushed), ` by ${image.pushedBy}`]],
    ["Pulled", age(image.pulled)],
    [
      "Tags",
      image.tags.length > 0 ? image.tags.flatMap((tag) => [link(place(repository, tag), tag), " "]) : "none",
    ],
    ...(image.subject
      ? [
          /** @type {const} */ ([
            "Refers to",
            link(place(repository, image.subject), shortDigest(image.subject)),
          ]),
        ]
      : []),
  ]);

/** @param {string} repository @param {string} reference @param {Image} image @param {readonly string[]} may */
function actions(repository, reference, { digest, tags }, may) {
  const isTag = !reference.includes(":");
  const back = path`/ui/repositories/${repository}`;
  return [
    may.includes("retag") && button("Retag", () => retag(repository, reference)),
    may.includes("delete") &&
      isTag &&
      button("Delete the tag", () => deleteTag(repository, reference, back), { class: "danger" }),
    may.includes("delete") &&
      button("Delete the image", () => deleteImage(repository, digest, tags), { class: "danger" }),
  ];
}

/** One image, by its tag or digest. @type {import("../router.js").View} */
export async function show({ params: { repository, reference }, signal }) {
  /** @type {[Image, { project: string }]} */
  const [image, { project: name }] = await Promise.all([
    get(path`/repositories/${repository}/-/manifests/${reference}`, signal),
    get(path`/repositories/${repository}`, signal),
  ]);
  const project = await getProject(name, signal);
  const isTag = !reference.includes(":");
  const full = `${repository}${isTag ? ":" : "@"}${reference}`;
  const annotations = Object.entries(image.annotations);
  const content = h(
    "div",
    {},
    trail([
      ["Projects", "/ui/projects"],
      [name, path`/ui/projects/${name}`],
      [repository, path`/ui/repositories/${repository}`],
    ]),
    heading(
      isTag ? reference : reference.slice(0, 19),
      image.kind !== "image" && badge(image.kind),
      ...actions(repository, reference, image, project.actions),
    ),
    command(`docker pull ${location.host}/${full}`),
    about(repository, image),
    image.manifests.length > 0 && section("Images", [], manifests(repository, image)),
    image.config && section("Configuration", [], configuration(image.config)),
    image.layers.length > 0 && section("Layers", [], layersTable(image.layers)),
    image.config && image.config.history.length > 0 && section("History", [], history(image, image.config)),
    annotations.length > 0 &&
      section(
        "Annotations",
        [],
        facts(
          annotations.map(([key, value]) => [key, h("code", { class: "long" }, value)]),
          "rows",
        ),
      ),
    image.referrers.length > 0 && section("What refers to it", [], referrers(repository, image)),
  );
  return { title: full, content };
}
