import { OPTIONS } from "./options.ts";

/** The text of `wharfd --help`. */
export function helpText(): string {
  const shown = OPTIONS.filter(({ refused }) => refused === undefined);
  const refused = OPTIONS.filter((option) => option.refused !== undefined);
  const lines = shown.map(({ name, short, kind, help }) => {
    const flag = `${short ? `-${short}, ` : "    "}--${name}${kind === "bool" ? "" : ` ${kind}`}`;
    return `  ${flag.padEnd(36)} ${help}`;
  });
  return [
    "Usage: wharfd [OPTIONS]",
    "",
    "The Wharf container engine. Options have dockerd's names; so have the keys of /etc/wharf/daemon.json.",
    "",
    ...lines,
    "",
    "Known to dockerd and refused here (with the reason, when used):",
    `  ${refused.map(({ name }) => `--${name}`).join(" ")}`,
    "",
  ].join("\n");
}
