import { call, path } from "../api.js";
import { go, reload } from "../router.js";
import { confirmDialog, formDialog } from "./dialog.js";
import { textOf } from "./form.js";
import { notice } from "./notice.js";

/**
 * Sets another tag to an image of the repository.
 * @param {string} repository @param {string} source a tag or digest
 */
export const retag = (repository, source) =>
  formDialog({
    title: `Tag ${source.slice(0, 24)}`,
    text: "A tag that is there already moves to this image.",
    submit: "Set the tag",
    fields: [
      {
        name: "tag",
        label: "Tag",
        required: true,
        autocomplete: "off",
        pattern: "[\\w][\\w.\\-]{0,127}",
        placeholder: "stable",
      },
    ],
    action: async (data) => {
      const tag = textOf(data, "tag");
      await call("PUT", path`/repositories/${repository}/-/tags/${tag}`, { source });
      notice(`${repository}:${tag} is set`);
      reload();
    },
  });

/** @param {string} repository @param {string} tag @param {string} [next] where to go then */
export const deleteTag = (repository, tag, next) =>
  confirmDialog({
    title: `Delete the tag ${tag}`,
    text: `${repository}:${tag} can no longer be pulled. The image stays under its digest and other tags.`,
    submit: "Delete the tag",
    action: async () => {
      await call("DELETE", path`/repositories/${repository}/-/tags/${tag}`);
      notice(`${repository}:${tag} is deleted`);
      if (next) go(next);
      else reload();
    },
  });

/** @param {string} repository @param {string} digest @param {readonly string[]} tags */
export const deleteImage = (repository, digest, tags) =>
  confirmDialog({
    title: "Delete the image",
    text: `${digest} goes, with ${tags.length > 0 ? `its tags ${tags.join(", ")}` : "no tag"}.`,
    submit: "Delete the image",
    action: async () => {
      await call("DELETE", path`/repositories/${repository}/-/manifests/${digest}`);
      notice("The image is deleted");
      go(path`/ui/repositories/${repository}`);
    },
  });

/** @param {string} repository @param {string} project */
export const deleteRepository = (repository, project) =>
  confirmDialog({
    title: `Delete ${repository}`,
    text: "The repository goes, with all its tags and images. This cannot be taken back.",
    submit: "Delete the repository",
    word: repository,
    action: async () => {
      await call("DELETE", path`/repositories/${repository}`);
      notice(`${repository} is deleted`);
      go(path`/ui/projects/${project}`);
    },
  });
