import type { SpecInput } from "./input.ts";
import type { OciNamespace } from "./oci-spec.ts";

const ORDER = ["network", "pid", "ipc", "uts", "cgroup", "user"] as const;

/** "host" is the absence of an entry. The mount namespace is always the container's own. */
export function namespaceList(choices: SpecInput["namespaces"]): readonly OciNamespace[] {
  const chosen = ORDER.flatMap((type): readonly OciNamespace[] => {
    const choice = choices[type];
    if (choice === "host") return [];
    return [choice === "new" ? { type } : { type, path: choice.path }];
  });
  return [{ type: "mount" }, ...chosen];
}
