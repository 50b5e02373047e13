import { hasKind, invalidParameter, messageOf, notFound, systemError } from "../../base/errors.ts";
import type { Container } from "./container.ts";
import type { HostConfig } from "./documents.ts";
import { alone, type Kit } from "./kit.ts";
import { linkEnvironment } from "./link-environment.ts";
import { donorOf, networkMode } from "./modes.ts";
import type { ContainerLink } from "./record.ts";
import { isRunning } from "./state.ts";

const HOST_MODE =
  "conflicting options: host type networking can't be used with links. This would result in undefined behavior";

/** "container:alias", "container", or "/container:/other/alias" as inspect shows them. Throws invalidParameter. */
export function parseLink(text: string): { readonly container: string; readonly alias: string } {
  if (text === "") throw invalidParameter("empty string specified for links");
  const [container = "", alias, ...rest] = text.split(":");
  if (rest.length > 0) throw invalidParameter(`bad format for links: ${text}`);
  if (alias === undefined) return { container, alias: container };
  if (!container.startsWith("/")) return { container, alias: alias.replace(/^\//, "") };
  return { container: container.slice(1), alias: alias.slice(alias.lastIndexOf("/") + 1) };
}

/** The container whose network it is. */
function ownerOfNetwork(kit: Kit, reference: string): Container {
  const container = kit.table.resolve(reference);
  const donor = donorOf(container.record.document.hostConfig.NetworkMode);
  return donor === undefined ? container : ownerOfNetwork(kit, donor);
}

/**
 * The links of a container on the default bridge, to containers as they are now: a rename changes nothing. Elsewhere
 * links are names of a network and no business of ours. Throws invalidParameter for containers that are not there.
 */
export function settleLinks(kit: Kit, { Links, NetworkMode }: HostConfig): readonly ContainerLink[] {
  if (networkMode(NetworkMode) !== "bridge") return [];
  const links = new Map<string, ContainerLink>();
  for (const text of Links ?? []) {
    const { container: reference, alias } = parseLink(text);
    const source = linkable(kit, reference);
    if (source.record.document.hostConfig.NetworkMode === "host") throw invalidParameter(HOST_MODE);
    if (!links.has(alias)) links.set(alias, { containerId: source.id, alias });
  }
  return [...links.values()];
}

function linkable(kit: Kit, reference: string): Container {
  try {
    return ownerOfNetwork(kit, reference);
  } catch (error) {
    if (!hasKind(error, "notFound")) throw error;
    throw invalidParameter(`could not get container for ${reference}: ${messageOf(error)}`, error);
  }
}

interface LiveLink extends ContainerLink {
  readonly source: Container;
}

/** Those whose source still exists. */
export function linksOf(kit: Pick<Kit, "table">, { record }: Container): readonly LiveLink[] {
  return (record.document.links ?? []).flatMap((link) => {
    const source = kit.table.get(link.containerId);
    return source ? [{ ...link, source }] : [];
  });
}

/** As inspect shows them: "/web:/app/alias". */
export const linkTexts = (kit: Pick<Kit, "table">, container: Container): readonly string[] =>
  linksOf(kit, container).map(({ source, alias }) => `/${source.name}:/${container.name}/${alias}`);

/** Variables about the sources, which have to run. Throws system, as a start that fails does. */
export function linkedEnvironment(
  kit: Kit,
  container: Container,
  links = linksOf(kit, container),
): readonly string[] {
  if (!Object.hasOwn(container.record.document.networks, "bridge")) return [];
  return links.flatMap(({ source, alias }) => {
    const fullName = `/${container.name}/${alias}`;
    if (!isRunning(source.state))
      throw systemError(`Cannot link to a non running container: /${source.name} AS ${fullName}`);
    const endpoint = kit.networks
      .sandbox(source.id)
      ?.endpoints.find(({ networkName }) => networkName === "bridge");
    if (!endpoint) throw systemError(`container ${source.id} not attached to default bridge network`);
    const { Env, ExposedPorts } = source.record.document.config;
    const exposed = Object.keys(ExposedPorts ?? {});
    return linkEnvironment({ fullName, ip: endpoint.ipv4, environment: Env ?? [], exposed });
  });
}

/** The same for a process that joins the container: sources that have ended meanwhile are left out. */
export const liveLinkedEnvironment = (kit: Kit, container: Container): readonly string[] =>
  linkedEnvironment(
    kit,
    container,
    linksOf(kit, container).filter(({ source }) => isRunning(source.state)),
  );

/** Takes a link away: the name "app/alias" and what it stands for in app's hosts file; no container. */
export function removeLink(kit: Kit, reference: string): Promise<void> {
  kit.table.resolve(reference);
  const name = reference.replace(/^\//, "");
  const slash = name.lastIndexOf("/");
  if (slash < 0)
    return Promise.reject(systemError("Conflict, cannot remove the default link name of the container"));
  const [parent, alias] = [name.slice(0, slash), name.slice(slash + 1)];
  const container = kit.table.resolve(parent);
  return alone(kit, container, async () => {
    const links = container.record.document.links ?? [];
    const left = links.filter((link) => link.alias !== alias);
    if (left.length === links.length) throw notFound(`No such container: ${reference}`);
    kit.table.saveDocument(container, { links: left });
    await kit.networks.relink(container.id, left);
  });
}
