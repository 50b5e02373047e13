import { invalidParameter } from "../../base/errors.ts";

/** "80", "53/udp", "8000-8010", also with a host part that EXPOSE ignores: as keys "80/tcp". Throws invalidParameter. */
export function parseExposed(text: string): readonly string[] {
  const match = /^(?:.*:)?(\d{1,5})(?:-(\d{1,5}))?(?:\/(\w+))?$/.exec(text);
  if (!match) throw invalidParameter(`invalid containerPort: ${text}`);
  const [from, to] = [Number(match[1]), Number(match[2] ?? match[1])];
  const protocol = (match[3] ?? "tcp").toLowerCase();
  if (!["tcp", "udp", "sctp"].includes(protocol)) throw invalidParameter(`invalid proto: ${match[3]}`);
  if (from > to || from < 1 || to > 65535)
    throw invalidParameter(`invalid range format for --expose: ${text}, ports are 1 to 65535`);
  return Array.from({ length: to - from + 1 }, (_, index) => `${from + index}/${protocol}`);
}
