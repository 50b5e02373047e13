import { invalidParameter, notImplemented } from "../../../base/errors.ts";
import type { imageRoutes } from "../../routes/image.ts";
import type { HistoryItem } from "../../schema/image.ts";
import { headerText } from "../body.ts";
import type { Call, Handlers } from "../call.ts";
import { unixSeconds } from "../encode/container.ts";
import { encodeImageInspect, encodeImageSummary } from "../encode/image.ts";
import type { ProgressLine } from "../ports.ts";

const TAR = "application/x-tar";

/** Several platforms in one image are not kept, so that choosing among them means nothing. */
function refusePlatform(platform: string | undefined, operation: string): void {
  if (platform !== undefined)
    throw notImplemented(`${operation} cannot choose a platform: images here have one each`);
}

function pullOrImport(call: Call<(typeof imageRoutes)["ImageCreate"]>): AsyncIterable<ProgressLine> {
  const { args, body, engine, signal, headers } = call;
  const { fromImage, fromSrc, repo, tag, message, changes, platform } = args;
  if (fromImage !== undefined) {
    const auth = headerText(headers, "x-registry-auth");
    return engine.images.pull({ image: fromImage, tag: tag ?? "", platform, auth }, signal);
  }
  if (fromSrc === undefined)
    throw invalidParameter("one of the query parameters fromImage and fromSrc is needed");
  if (fromSrc !== "-") throw notImplemented("import takes the archive in the request body (fromSrc=-) only");
  const options = { repository: repo ?? "", tag: tag ?? "", message: message ?? "", changes, platform };
  return engine.images.import(body, options, signal);
}

export const imageHandlers: Handlers<typeof imageRoutes> = {
  ImageList: ({ args, engine }) =>
    engine.images
      .list({ all: args.all, filters: args.filters })
      .map((view) => encodeImageSummary({ ...view, containers: -1 }, args["shared-size"])),
  ImageInspect: ({ args, engine }) => encodeImageInspect(engine.images.inspect(args.name)),
  ImageHistory({ args, engine }): readonly HistoryItem[] {
    refusePlatform(args.platform, "history");
    return engine.images.history(args.name).map((item) => ({
      Comment: item.comment,
      Created: unixSeconds(item.created),
      CreatedBy: item.createdBy,
      Id: item.id,
      Size: item.size,
      Tags: item.tags.length > 0 ? item.tags : null,
    }));
  },
  ImageGet({ args, engine, signal }) {
    refusePlatform(args.platform, "save");
    return { mediaType: TAR, body: engine.images.save([args.name], signal) };
  },
  ImageGetAll({ args, engine, signal }) {
    refusePlatform(args.platform, "save");
    if (args.names.length === 0) throw invalidParameter("at least one name is needed to save images");
    return { mediaType: TAR, body: engine.images.save(args.names, signal) };
  },
  ImageCreate: (call) => pullOrImport(call),
  ImageLoad({ args, body, engine, signal }) {
    refusePlatform(args.platform, "load");
    return engine.images.load(body, { quiet: args.quiet }, signal);
  },
  ImageTag({ args, engine }) {
    if (!args.repo) throw invalidParameter("a repository (query parameter repo) is needed to tag an image");
    return engine.images.tag(args.name, args.repo, args.tag ?? "");
  },
  ImageDelete({ args, engine }) {
    if (args.platforms.length > 0) refusePlatform(args.platforms[0], "remove");
    return engine.images.remove(args.name, { force: args.force, noPrune: args.noprune });
  },
  async ImagePrune({ args, engine }) {
    const { deleted, reclaimed } = await engine.images.prune(args.filters);
    return { ImagesDeleted: deleted.length > 0 ? deleted : null, SpaceReclaimed: reclaimed };
  },
  async ImageCommit({ args, body, engine }) {
    if (!args.container)
      throw invalidParameter("a container (query parameter container) is needed to commit");
    const id = await engine.images.commit({
      container: args.container,
      repository: args.repo ?? "",
      tag: args.tag ?? "",
      comment: args.comment ?? "",
      author: args.author ?? "",
      pause: args.pause,
      changes: args.changes,
      config: body,
    });
    return { Id: id };
  },
};
