/** A port the source exposes. */
interface Port {
  readonly number: number;
  readonly protocol: string;
}

export interface LinkSource {
  /** "/app/alias": as ALIAS_NAME tells it. */
  readonly fullName: string;
  readonly ip: string;
  readonly environment: readonly string[];
  /** "80/tcp", as in the source's configuration. */
  readonly exposed: readonly string[];
}

/** Not news to the linking container. */
const NOT_TOLD = new Set(["HOME", "PATH"]);

function portsOf(exposed: readonly string[]): readonly Port[] {
  return exposed
    .map((text) => {
      const [number = "", protocol = "tcp"] = text.split("/");
      return { number: Number(number), protocol };
    })
    .toSorted((a, b) => a.number - b.number || (a.protocol === "tcp" ? -1 : 1));
}

/** The last index of the run of neighbouring numbers that begins at `start`. */
function endOfRun(ports: readonly Port[], start: number): number {
  let end = start;
  while (end + 1 < ports.length && ports[end + 1]!.number <= ports[start]!.number + (end - start) + 1) end++;
  return end;
}

/** Three and more ports in a row are told as a range as well. */
function ranges(prefix: string, ip: string, ports: readonly Port[]): readonly string[] {
  const texts: string[] = [];
  for (let index = 0; index < ports.length; ) {
    const end = endOfRun(ports, index);
    if (end <= index + 1) {
      index++;
      continue;
    }
    const [first, last] = [ports[index]!, ports[end]!];
    const key = (port: Port) => `${prefix}_PORT_${first.number}_${port.protocol.toUpperCase()}`;
    texts.push(
      `${key(first)}_START=${first.protocol}://${ip}:${first.number}`,
      `${key(first)}_ADDR=${ip}`,
      `${key(first)}_PROTO=${first.protocol}`,
      `${key(first)}_PORT_START=${first.number}`,
      `${key(last)}_END=${last.protocol}://${ip}:${last.number}`,
      `${key(last)}_PORT_END=${last.number}`,
    );
    index = end + 1;
  }
  return texts;
}

function single(prefix: string, ip: string, { number, protocol }: Port): readonly string[] {
  const key = `${prefix}_PORT_${number}_${protocol.toUpperCase()}`;
  return [
    `${key}=${protocol}://${ip}:${number}`,
    `${key}_ADDR=${ip}`,
    `${key}_PORT=${number}`,
    `${key}_PROTO=${protocol}`,
  ];
}

/** The variables by which a container finds the one it is linked to (docs.docker.com, "Legacy container links"). */
export function linkEnvironment({ fullName, ip, environment, exposed }: LinkSource): readonly string[] {
  const prefix = fullName
    .slice(fullName.lastIndexOf("/") + 1)
    .toUpperCase()
    .replaceAll("-", "_");
  const ports = portsOf(exposed);
  const [first] = ports;
  const told = environment.flatMap((text) => {
    const equals = text.indexOf("=");
    if (equals < 0 || NOT_TOLD.has(text.slice(0, equals))) return [];
    return [`${prefix}_ENV_${text}`];
  });
  return [
    ...(first ? [`${prefix}_PORT=${first.protocol}://${ip}:${first.number}`] : []),
    ...ranges(prefix, ip, ports),
    ...ports.flatMap((port) => single(prefix, ip, port)),
    `${prefix}_NAME=${fullName}`,
    ...told,
  ];
}
