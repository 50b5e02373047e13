import type { Method } from "./route.ts";

/** A documented route that this engine does not serve; it answers with `why` and 501, or 404 where it names a thing. */
export interface UnservedRoute {
  readonly id: string;
  readonly method: Method;
  readonly path: string;
  readonly why: string;
  /** What is named cannot be here: clients that look for a name among all kinds of things go on to the next. */
  readonly absent?: boolean;
  /** Asks to end what was never begun: clients that clean up take this answer (503) for done. */
  readonly inactive?: boolean;
}

type Row = readonly [id: string, method: Method, path: string];
const group = (why: string, rows: readonly Row[]): readonly UnservedRoute[] =>
  rows.map(([id, method, path]) => ({ id, method, path, why }));

const SWARM: readonly Row[] = [
  ["SwarmInspect", "GET", "/swarm"],
  ["SwarmInit", "POST", "/swarm/init"],
  ["SwarmJoin", "POST", "/swarm/join"],
  ["SwarmUpdate", "POST", "/swarm/update"],
  ["SwarmUnlockkey", "GET", "/swarm/unlockkey"],
  ["SwarmUnlock", "POST", "/swarm/unlock"],
  ["NodeList", "GET", "/nodes"],
  ["NodeInspect", "GET", "/nodes/{id}"],
  ["NodeDelete", "DELETE", "/nodes/{id}"],
  ["NodeUpdate", "POST", "/nodes/{id}/update"],
  ["ServiceList", "GET", "/services"],
  ["ServiceCreate", "POST", "/services/create"],
  ["ServiceInspect", "GET", "/services/{id}"],
  ["ServiceDelete", "DELETE", "/services/{id}"],
  ["ServiceUpdate", "POST", "/services/{id}/update"],
  ["ServiceLogs", "GET", "/services/{id}/logs"],
  ["TaskList", "GET", "/tasks"],
  ["TaskInspect", "GET", "/tasks/{id}"],
  ["TaskLogs", "GET", "/tasks/{id}/logs"],
  ["SecretList", "GET", "/secrets"],
  ["SecretCreate", "POST", "/secrets/create"],
  ["SecretInspect", "GET", "/secrets/{id}"],
  ["SecretDelete", "DELETE", "/secrets/{id}"],
  ["SecretUpdate", "POST", "/secrets/{id}/update"],
  ["ConfigList", "GET", "/configs"],
  ["ConfigCreate", "POST", "/configs/create"],
  ["ConfigInspect", "GET", "/configs/{id}"],
  ["ConfigDelete", "DELETE", "/configs/{id}"],
  ["ConfigUpdate", "POST", "/configs/{id}/update"],
];

const PLUGINS: readonly Row[] = [
  ["GetPluginPrivileges", "GET", "/plugins/privileges"],
  ["PluginPull", "POST", "/plugins/pull"],
  ["PluginCreate", "POST", "/plugins/create"],
  ["PluginDelete", "DELETE", "/plugins/{name:.*}"],
  ["PluginEnable", "POST", "/plugins/{name:.*}/enable"],
  ["PluginDisable", "POST", "/plugins/{name:.*}/disable"],
  ["PluginUpgrade", "POST", "/plugins/{name:.*}/upgrade"],
  ["PluginPush", "POST", "/plugins/{name:.*}/push"],
  ["PluginSet", "POST", "/plugins/{name:.*}/set"],
];

export const unservedRoutes: readonly UnservedRoute[] = [
  {
    id: "SwarmLeave",
    method: "POST",
    path: "/swarm/leave",
    why: "This node is not part of a swarm",
    inactive: true,
  },
  ...group("this engine has no swarm mode; run containers, or use compose, instead", SWARM),
  ...group("this engine does not run managed plugins", PLUGINS),
  {
    id: "PluginInspect",
    method: "GET",
    path: "/plugins/{name:.*}/json",
    why: "plugin not found: this engine does not run managed plugins",
    absent: true,
  },
  ...group("this engine has no BuildKit sessions; build with DOCKER_BUILDKIT=0", [
    ["Session", "POST", "/session"],
  ]),
];
