import { atMost, command } from "../../command/command.ts";
import { bytes, list, map, text } from "../../flags/flag.ts";

export default command({
  flags: {
    availability: text("", 'Cluster Volume availability ("active", "pause", "drain")', "active"),
    driver: text("d", "Specify volume driver name", "local"),
    group: text("", "Cluster Volume group (cluster volumes)"),
    label: list("", "Set metadata for a volume"),
    "limit-bytes": bytes("", "Minimum size of the Cluster Volume in bytes"),
    opt: map("o", "Set driver specific options"),
    "required-bytes": bytes("", "Maximum size of the Cluster Volume in bytes"),
    scope: text("", 'Cluster Volume access scope ("single", "multi")', "single"),
    secret: map("", "Cluster Volume secrets"),
    sharing: text("", 'Cluster Volume access sharing ("none", "readonly", "onewriter", "all")', "none"),
    "topology-preferred": list("", "A topology that the Cluster Volume would be preferred in"),
    "topology-required": list("", "A topology that the Cluster Volume must be accessible from"),
    type: text("", 'Cluster Volume access type ("mount", "block")', "block"),
  },
  arguments: atMost(1),
  async run(_context, _parsed) {
    throw new Error("not implemented yet");
  },
});
