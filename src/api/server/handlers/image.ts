import { invalidParameter } from "../../../base/errors.ts";
import type { imageRoutes } from "../../routes/image.ts";
import type { ProgressMessage } from "../../schema/build.ts";
import type { HistoryItem } from "../../schema/image.ts";
import { headerText } from "../body.ts";
import type { Call, Handlers } from "../call.ts";
import { unixSeconds } from "../encode/container.ts";
import { encodeImageInspect, encodeImageSummary } from "../encode/image.ts";
import type { ProgressLine } from "../ports.ts";
import { errorLine } from "../respond.ts";

const TAR = "application/x-tar";

function pullOrImport(call: Call<(typeof imageRoutes)["ImageCreate"]>): AsyncIterable<ProgressLine> {
  const { args, body, engine, signal, headers } = call;
  const { fromImage, fromSrc, repo, tag, message, changes, platform } = args;
  if (fromImage !== undefined) {
    const auth = headerText(headers, "x-registry-auth");
    return engine.images.pull({ image: fromImage, tag: tag ?? "", platform, auth }, signal);
  }
  if (fromSrc === undefined)
    throw invalidParameter("one of the query parameters fromImage and fromSrc is needed");
  const url = fromSrc === "-" ? undefined : fromSrc;
  const options = { repository: repo ?? "", tag: tag ?? "", message: message ?? "", changes, platform, url };
  return engine.images.import(body, options, signal);
}

/** A load that fails says so in its stream from the first line on: clients read on whatever the status is. */
async function* withFailure(lines: AsyncIterable<ProgressLine>): AsyncGenerator<ProgressMessage> {
  try {
    yield* lines;
  } catch (error) {
    yield errorLine(error);
  }
}

export const imageHandlers: Handlers<typeof imageRoutes> = {
  async ImageList({ args, engine, minor }) {
    const { all, filter, manifests, "shared-size": shared } = args;
    const named = filter === undefined || minor >= 41 ? undefined : filter;
    const filters = named === undefined ? args.filters : new Map([...args.filters, ["reference", [named]]]);
    const views = await engine.images.list({ all, filters, shared, manifests });
    return views.map((view) => encodeImageSummary({ ...view, containers: -1 }, shared));
  },
  async ImageInspect({ args, engine }) {
    const { name, platform, manifests } = args;
    if (platform !== undefined && manifests)
      throw invalidParameter("conflicting options: manifests and platform options cannot both be set");
    return encodeImageInspect(await engine.images.inspect(name, { platform, manifests }));
  },
  async ImageSearch({ args, engine, headers, signal }) {
    const { term, limit, filters } = args;
    const auth = headerText(headers, "x-registry-auth");
    return engine.images.search({ term: term ?? "", limit, filters, auth }, signal);
  },
  ImageHistory({ args, engine }): readonly HistoryItem[] {
    return engine.images.history(args.name, args.platform).map((item) => ({
      Comment: item.comment,
      Created: unixSeconds(item.created),
      CreatedBy: item.createdBy,
      Id: item.id,
      Size: item.size,
      Tags: item.tags.length > 0 ? item.tags : null,
    }));
  },
  ImageGet({ args, engine, signal }) {
    return { mediaType: TAR, body: engine.images.save([args.name], args.platform, signal) };
  },
  ImageGetAll({ args, engine, signal }) {
    if (args.names.length === 0) throw invalidParameter("at least one name is needed to save images");
    return { mediaType: TAR, body: engine.images.save(args.names, args.platform, signal) };
  },
  ImageCreate: (call) => pullOrImport(call),
  ImageLoad({ args, body, engine, signal }) {
    return withFailure(engine.images.load(body, { quiet: args.quiet, platform: args.platform }, signal));
  },
  ImageTag({ args, engine }) {
    if (!args.repo) throw invalidParameter("a repository (query parameter repo) is needed to tag an image");
    return engine.images.tag(args.name, args.repo, args.tag ?? "");
  },
  ImageDelete({ args, engine }) {
    const { name, force, noprune, platforms } = args;
    if (name.trim() === "") throw invalidParameter("image name cannot be blank");
    return engine.images.remove(name, { force, noPrune: noprune, platforms });
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
