import type { ProgressMessage } from "../schema/build.ts";
import { boolean, booleanOrTrue, filters, integer, jsonList, jsonMap, text, texts } from "./query.ts";
import { bytesBody, json, lines, route } from "./route.ts";

/** What `POST /build/prune` answers. */
export interface BuildPruned {
  readonly CachesDeleted: readonly string[] | null;
  readonly SpaceReclaimed: number;
}

export const buildRoutes = {
  ImageBuild: route("POST", "/build", {
    query: {
      dockerfile: text,
      t: texts,
      extrahosts: texts,
      remote: text,
      q: boolean,
      nocache: boolean,
      cachefrom: jsonList,
      pull: boolean,
      rm: booleanOrTrue,
      forcerm: boolean,
      memory: integer,
      memswap: integer,
      cpushares: integer,
      cpusetcpus: text,
      cpusetmems: text,
      cpuperiod: integer,
      cpuquota: integer,
      cgroupparent: text,
      buildargs: jsonMap,
      shmsize: integer,
      squash: boolean,
      labels: jsonMap,
      networkmode: text,
      platform: text,
      target: text,
      outputs: text,
      version: text,
      ulimits: jsonList,
      securityopt: jsonList,
      isolation: text,
      session: text,
      buildid: text,
    },
    body: bytesBody("application/x-tar"),
    answer: lines<ProgressMessage>(),
  }),
  BuildPrune: route("POST", "/build/prune", {
    since: 31,
    query: {
      "keep-storage": integer,
      "reserved-space": integer,
      "max-used-space": integer,
      "min-free-space": integer,
      all: boolean,
      filters,
    },
    answer: json<BuildPruned>(),
  }),
};
