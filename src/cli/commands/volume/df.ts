import { command, noArguments } from "../../command/command.ts";
import { formatTable } from "../../format/table.ts";
import { formatBytes } from "../../format/units.ts";

const HEADER = ["VOLUME NAME", "DRIVER", "SIZE", "CONTAINERS"] as const;

export default command({
  flags: {},
  arguments: noArguments,
  async run({ client, out }) {
    const { Volumes } = await client().call("WharfVolumeUsage");
    const rows = [...Volumes]
      .sort((a, b) => b.Size - a.Size)
      .map(({ Name, Driver, Size, Containers }) => [
        Name,
        Driver,
        Size < 0 ? "N/A" : formatBytes(Size),
        Containers.map((container) => container.Name).join(","),
      ]);
    out.write(formatTable(HEADER, rows));
  },
});
