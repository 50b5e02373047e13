import { execute } from "./docker-cli.ts";

type Env = Readonly<Record<string, string>>;

/** Two commands that end well. */
export const GOOD = "FROM busybox\nRUN echo one >/f\nRUN echo two >>/f\n";
const BAD = "FROM busybox\nRUN echo one >/f\nRUN echo two >>/f; exit 3\n";
/** Docker's own list of which containers stay, without the one that stays by default when a command fails. */
export const BUILDS: readonly (readonly [
  name: string,
  dockerfile: string,
  flags: readonly string[],
  kept: number,
])[] = [
  ["a good build with --rm=false", GOOD, ["--rm=false"], 2],
  ["a good build", GOOD, ["--rm"], 0],
  ["a good build with --force-rm", GOOD, ["--rm=false", "--force-rm"], 0],
  ["a failing build with --rm=false", BAD, ["--rm=false"], 2],
  ["a failing build with --force-rm", BAD, ["--rm=false", "--force-rm"], 0],
];

const docker = (env: Env, args: readonly string[], input?: string) =>
  execute("docker", args, { env: { ...env, DOCKER_BUILDKIT: "0" }, input, timeout: 120_000 });
async function lines(env: Env, ...args: readonly string[]): Promise<readonly string[]> {
  return (await docker(env, args)).stdout.split("\n").filter(Boolean);
}

/** What a build leaves, and what may be done with it; it is gone afterwards. */
export async function remains(env: Env, dockerfile: string, flags: readonly string[]) {
  const before = new Set(await lines(env, "ps", "-aq", "--no-trunc"));
  const { code } = await docker(env, ["build", "--no-cache", ...flags, "-"], dockerfile);
  const ids = (await lines(env, "ps", "-aq", "--no-trunc")).filter((id) => !before.has(id)).toReversed();
  const format =
    "{{.State.Status}} {{.State.ExitCode}} {{json .Path}} {{json .Args}} {{json .Config.Cmd}} {{json .Config.Entrypoint}}";
  const shown = ids.length > 0 ? await lines(env, "inspect", "-f", format, ...ids) : [];
  const changes = await Promise.all(ids.map(async (id) => await lines(env, "diff", id)));
  const removed = ids.length > 0 ? (await docker(env, ["rm", ...ids])).code : 0;
  return { code, shown, changes, removed };
}
