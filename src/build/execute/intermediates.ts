import { runAll } from "../../base/async.ts";
import type { EndedCommand } from "../ports.ts";
import type { Workspace } from "./snapshot.ts";
import type { TrackedParts } from "./tracked-layers.ts";

interface Ended {
  readonly command: EndedCommand;
  /** Removes its snapshot. */
  readonly snapshot: AsyncDisposable;
}

/**
 * The containers of a build's commands, where they are to stay (`docker build --rm=false`). Until the build has ended
 * they are snapshots alone: a build that is cancelled leaves none. Disposing removes those that were not kept.
 */
export class Intermediates implements AsyncDisposable {
  readonly #parts: Pick<TrackedParts, "layers" | "containers">;
  readonly #ended: Ended[] = [];

  constructor(parts: Pick<TrackedParts, "layers" | "containers">) {
    this.#parts = parts;
  }

  /** Takes over the workspace a command has ended in. */
  add(command: EndedCommand, workspace: Workspace): void {
    this.#ended.push({ command, snapshot: workspace.release() });
  }

  /** Makes containers of them, in the order in which they ended. */
  async keep(): Promise<void> {
    const { layers, containers } = this.#parts;
    for (let next = this.#ended[0]; next; next = this.#ended[0]) {
      const { id } = next.command;
      layers.unmount(id);
      await containers.keep(next.command);
      this.#ended.shift();
      layers.forget(id);
    }
  }

  async [Symbol.asyncDispose](): Promise<void> {
    const rest = this.#ended.splice(0);
    await runAll(
      "what is left of a build's commands cannot be removed",
      rest.map(
        ({ snapshot }) =>
          () =>
            snapshot[Symbol.asyncDispose](),
      ),
    );
  }
}
