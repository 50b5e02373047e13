import type { ContainerConfig } from "./documents.ts";

const DEFAULT_PATH = "PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin";

/** Later variables replace earlier ones in place; one without "=" takes a variable away. */
function overlay(base: readonly string[], changes: readonly string[]): readonly string[] {
  const variables = new Map<string, string>();
  for (const text of [...base, ...changes]) {
    const equals = text.indexOf("=");
    if (equals < 0) variables.delete(text);
    else variables.set(text.slice(0, equals), text);
  }
  return [...variables.values()];
}

/** The process's whole environment: Docker's defaults, what links tell, the configuration, HOME where nobody has set it. */
export function environment(
  config: ContainerConfig,
  hostname: string,
  home: string,
  linked: readonly string[] = [],
): readonly string[] {
  const defaults = [DEFAULT_PATH, `HOSTNAME=${hostname}`, ...(config.Tty ? ["TERM=xterm"] : []), ...linked];
  const variables = overlay(defaults, config.Env ?? []);
  // An empty one counts as none: so it is with runc.
  const others = variables.filter((text) => text !== "HOME=");
  return others.some((text) => text.startsWith("HOME=")) ? others : [...others, `HOME=${home}`];
}
