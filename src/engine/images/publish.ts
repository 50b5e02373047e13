import type { Digest } from "../../oci/index.ts";
import type { Kit } from "../containers/kit.ts";

type Action = "create" | "tag" | "untag" | "delete" | "load" | "save" | "import" | "pull" | "push";

/** An event of an image, with its labels as long as it is there. `actor`: what Docker names in place of the id. */
export function publishImage(kit: Kit, action: Action, id: Digest, name: string, actor: string = id): void {
  const labels = kit.images.get(id)?.config.config?.Labels ?? {};
  kit.events.publish("image", action, actor, { ...labels, name });
}
