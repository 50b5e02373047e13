import { boolean, text as word } from "./query.ts";
import { bytes, bytesBody, empty, route, text } from "./route.ts";

export const archiveRoutes = {
  ContainerArchiveInfo: route("HEAD", "/containers/{id:.*}/archive", { query: { path: word }, answer: text }),
  ContainerArchive: route("GET", "/containers/{id:.*}/archive", { query: { path: word }, answer: bytes }),
  PutContainerArchive: route("PUT", "/containers/{id:.*}/archive", {
    success: 200,
    query: { path: word, noOverwriteDirNonDir: boolean, copyUIDGID: boolean },
    body: bytesBody("application/x-tar"),
    answer: empty,
  }),
};
