/** @import { Project } from "../api-types.d.ts" */
import { get, path } from "../api.js";
import { badge, h } from "./dom.js";
import { trail } from "./heading.js";

/** The places of a project, with the action that opens each. */
const TABS = [
  ["Repositories", "", "project:read"],
  ["Members", "/members", "project:audit"],
  ["Robots", "/robots", "project:robots"],
  ["Rules", "/rules", "project:read"],
  ["Webhooks", "/webhooks", "project:webhooks"],
  ["Audit", "/audit", "project:audit"],
  ["Settings", "/settings", "project:settings"],
];

/** @param {string} name @param {AbortSignal} signal @returns {Promise<Project>} */
export const getProject = (name, signal) => get(path`/projects/${name}`, signal);

/** @param {Project} project */
function tabs({ name, actions }) {
  const shown = TABS.filter(([, , action]) => actions.includes(action));
  const items = shown.map(([label, rest]) => {
    const href = path`/ui/projects/${name}` + rest;
    return h("li", {}, h("a", { href, "aria-current": location.pathname === href ? "page" : false }, label));
  });
  return h("nav", { class: "tabs", "aria-label": `Project ${name}` }, h("ul", {}, items));
}

/**
 * A project's head and tabs, with one of its places below.
 * @param {Project} project
 * @param {...import("./dom.js").Child} content
 */
export const projectFrame = (project, ...content) =>
  h(
    "div",
    {},
    trail([["Projects", "/ui/projects"]]),
    h(
      "div",
      { class: "heading start" },
      h("h1", {}, project.name),
      badge(project.public ? "public" : "private", project.public ? "good" : ""),
      project.proxy && badge(`proxy of ${project.proxy.upstream}`),
    ),
    tabs(project),
    ...content,
  );

/** A part of a project's place: its title, what can be done, and the rest. @param {string} title @param {readonly import("./dom.js").Child[]} actions @param {...import("./dom.js").Child} content */
export const section = (title, actions, ...content) =>
  h(
    "section",
    {},
    h("div", { class: "heading" }, h("h2", {}, title), h("div", { class: "actions" }, ...actions)),
    ...content,
  );
