import { atMost, command } from "../../command/command.ts";
import { ExitError } from "../../command/failure.ts";
import { bytes, list, map, offer, text } from "../../flags/flag.ts";
import { labels } from "../../run/checked-flags.ts";
import { pairsToMap } from "../../run/files.ts";

const CLUSTER_FLAGS = [
  "availability",
  "group",
  "limit-bytes",
  "required-bytes",
  "scope",
  "secret",
  "sharing",
  "topology-preferred",
  "topology-required",
  "type",
] as const;

export default command({
  flags: {
    availability: offer(
      ["active", "pause", "drain"],
      text("", 'Cluster Volume availability ("active", "pause", "drain")', "active"),
    ),
    driver: offer("volumeDriver", text("d", "Specify volume driver name", "local")),
    group: text("", "Cluster Volume group (cluster volumes)"),
    label: labels("", "Set metadata for a volume"),
    "limit-bytes": bytes("", "Minimum size of the Cluster Volume in bytes"),
    name: text("", "Specify volume name", "", { hidden: true }),
    opt: map("o", "Set driver specific options"),
    "required-bytes": bytes("", "Maximum size of the Cluster Volume in bytes"),
    scope: offer(["single", "multi"], text("", 'Cluster Volume access scope ("single", "multi")', "single")),
    secret: map("", "Cluster Volume secrets"),
    sharing: offer(
      ["none", "readonly", "onewriter", "all"],
      text("", 'Cluster Volume access sharing ("none", "readonly", "onewriter", "all")', "none"),
    ),
    "topology-preferred": list("", "A topology that the Cluster Volume would be preferred in"),
    "topology-required": list("", "A topology that the Cluster Volume must be accessible from"),
    type: offer(["mount", "block"], text("", 'Cluster Volume access type ("mount", "block")', "block")),
  },
  arguments: atMost(1, "word"),
  async run({ client, out }, { values: flags, changed, args: [word = ""] }) {
    if (word && flags.name)
      throw new Error(
        "conflicting options: cannot specify a volume name through both --name and as a positional arg",
      );
    const cluster = CLUSTER_FLAGS.find((name) => changed.has(name));
    if (cluster !== undefined)
      throw new ExitError(1, `--${cluster} is for the volumes of a swarm, which this engine is not part of`);
    const body = {
      Name: word || flags.name,
      Driver: flags.driver,
      DriverOpts: flags.opt,
      Labels: pairsToMap(flags.label),
    };
    const { Name } = await client().call("VolumeCreate", { body });
    out.write(`${Name}\n`);
  },
});
