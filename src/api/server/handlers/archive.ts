import { invalidParameter } from "../../../base/errors.ts";
import type { archiveRoutes } from "../../routes/archive.ts";
import type { Handlers } from "../call.ts";
import { pathStatHeader } from "../encode/path-stat.ts";

function given(path: string | undefined): string {
  if (path) return path;
  throw invalidParameter("bad parameter: 'path' cannot be empty");
}

export const archiveHandlers: Handlers<typeof archiveRoutes> = {
  async ContainerArchiveInfo({ args, engine }) {
    return { body: "", headers: pathStatHeader(await engine.archives.stat(args.id, given(args.path))) };
  },
  async ContainerArchive({ args, engine, signal }) {
    const { stat, tar } = await engine.archives.read(args.id, given(args.path), signal);
    return { mediaType: "application/x-tar", headers: pathStatHeader(stat), body: tar };
  },
  PutContainerArchive({ args, body, engine, signal }) {
    const options = { keepKinds: args.noOverwriteDirNonDir, asContainerUser: args.copyUIDGID };
    return engine.archives.write(args.id, given(args.path), body, options, signal);
  },
};
