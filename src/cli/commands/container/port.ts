import { between, command } from "../../command/command.ts";

const place = ({
  HostIp = "",
  HostPort = "",
}: {
  readonly HostIp?: string;
  readonly HostPort?: string;
}): string => (HostIp.includes(":") ? `[${HostIp}]:${HostPort}` : `${HostIp}:${HostPort}`);

export default command({
  flags: {},
  arguments: between(1, 2, "container", "port"),
  async run({ client, out }, { args: [id = "", wanted] }) {
    const { NetworkSettings } = await client().call("ContainerInspect", { id });
    const ports = NetworkSettings.Ports ?? {};
    if (wanted !== undefined) {
      const [port = "", protocol = "tcp"] = wanted.split("/");
      if (!/^\d+$/.test(port))
        throw new Error(
          `Error: invalid port (${port}): strconv.ParseUint: parsing ${JSON.stringify(port)}: invalid syntax`,
        );
      const bindings = ports[`${port}/${protocol}`] ?? [];
      if (bindings.length === 0) throw new Error(`Error: No public port '${wanted}' published for ${id}`);
      out.write(bindings.map((binding) => `${place(binding)}\n`).join(""));
      return;
    }
    const lines = Object.entries(ports).flatMap(([port, bindings]) =>
      (bindings ?? []).map((binding) => ({ port, line: `${port} -> ${place(binding)}\n` })),
    );
    out.write(
      lines
        .sort((a, b) => Number.parseInt(a.port, 10) - Number.parseInt(b.port, 10))
        .map(({ line }) => line)
        .join(""),
    );
  },
});
