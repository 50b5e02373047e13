import { conflict, EngineError, invalidParameter } from "../../base/errors.ts";
import { alone, type Kit } from "./kit.ts";
import { checkName } from "./names.ts";
import { publish } from "./publish.ts";

export function rename(kit: Kit, reference: string, text: string): Promise<void> {
  if (text === "") throw invalidParameter("Neither old nor new names may be empty");
  const name = allocating(() => checkName(text.startsWith("/") ? text : `/${text}`));
  const container = kit.table.resolve(reference);
  return alone(kit, container, async () => {
    const oldName = container.name;
    if (oldName === name)
      throw invalidParameter("Renaming a container with the same name as its current name");
    if (container.state.status === "removing" || container.state.status === "dead") {
      throw conflict(`Container ${container.id} is being removed and cannot be renamed`);
    }
    allocating(() => kit.table.rename(container, name));
    if (kit.networks.sandbox(container.id)) kit.networks.rename(container.id, name);
    publish(kit, container, "rename", { oldName: `/${oldName}` });
  });
}

/** What is wrong with the new name, said as Docker says it. */
function allocating<T>(body: () => T): T {
  try {
    return body();
  } catch (error) {
    if (!(error instanceof EngineError)) throw error;
    throw new EngineError(error.kind, `Error when allocating new name: ${error.message}`, { cause: error });
  }
}
