import { shortId } from "../../base/ids.ts";
import { hexOf } from "../../oci/index.ts";
import { readInput } from "../input.ts";
import { checkWishes, solveInput, type Workshop, withScratch } from "../workshop.ts";
import { ClassicRenderer, type Write } from "./render.ts";
import type { BuildRequest } from "./request.ts";

/** One `POST /build`, from the context to the tags. */
export async function buildClassic(
  workshop: Workshop,
  request: BuildRequest,
  signal: AbortSignal,
  write: Write,
): Promise<void> {
  const tags = checkWishes(request);
  const renderer = new ClassicRenderer(request.quiet ? () => undefined : write, {
    showsRemoval: request.removeIntermediate,
  });
  const { git } = workshop.parts;
  await withScratch(workshop, signal, async (scratch) => {
    try {
      const input = await readInput(request, { folder: scratch, git, signal });
      const wishes = {
        ...request,
        limits: request,
        confidential: {},
        explain: false,
        allowInsecure: false,
        keepsContainers: !request.removeIntermediate,
      };
      const emit = renderer.handle.bind(renderer);
      const { id } = await solveInput(workshop, wishes, input, { scratch, signal, emit });
      write({ aux: { ID: id } });
      for (const tag of tags) await workshop.parts.images.tag(id, tag);
      if (request.quiet) write({ stream: `${id}\n` });
      else write({ stream: `Successfully built ${shortId(hexOf(id))}\n` });
      if (!request.quiet) for (const tag of tags) write({ stream: `Successfully tagged ${tag}\n` });
    } finally {
      renderer.flush();
    }
  });
}
