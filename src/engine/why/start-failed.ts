import type { NeedFinding, PortHolder, Verdict, WhyFacts } from "./facts.ts";
import { diagnoseLog } from "./log-hints.ts";
import { wordsFor } from "./program-words.ts";

const PROGRAM = /executable file not found|exec: |open executable|permission denied|is a directory/i;

/** Why the last start failed, from what the engine said then and from what is found now. Pure. */
export function diagnoseStart(facts: WhyFacts, error: string): Verdict {
  const told = { name: "error", text: error };
  const verdict =
    needed(facts, error) ??
    aboutUser(facts, error) ??
    (PROGRAM.test(error) && facts.program ? wordsFor(facts, facts.program) : undefined) ??
    diagnoseLog({ ...facts, log: [error] }) ??
    general(facts);
  const evidence = verdict.evidence.filter(({ text }) => text !== error);
  return { ...verdict, evidence: [...evidence, told] };
}

const general = ({ name }: WhyFacts): Verdict => ({
  cause: "startFailed",
  reason: "the engine could not prepare or start its command",
  evidence: [],
  advice: [
    { text: "Try again, and see whether it fails in the same way", command: `wharf start ${name}` },
    { text: "See whether the machine lacks something", command: "wharf doctor" },
  ],
});

function aboutUser({ name, user }: WhyFacts, error: string): Verdict | undefined {
  const [, kind, missing] = /unable to find (user|group) (\S+):/.exec(error) ?? [];
  if (kind === undefined) return undefined;
  return {
    cause: "userMissing",
    reason: `the ${kind} ${missing} is not in the image's /etc/${kind === "user" ? "passwd" : "group"}`,
    evidence: [{ name: "user", text: user }],
    advice: [
      {
        text: "Make it in the Dockerfile",
        command: `RUN ${kind === "user" ? "useradd" : "groupadd"} ${missing}`,
      },
      { text: "Or name it by its number, which needs no entry", command: "wharf run --user 1000:1000 ..." },
      { text: "A container keeps its user: make it anew", command: `wharf rm ${name}` },
    ],
  };
}

/** The need that the error speaks of; the others are of no matter. */
function needed(facts: WhyFacts, error: string): Verdict | undefined {
  const kinds: readonly NeedFinding["kind"][] = /port is already allocated|address already in use/.test(error)
    ? ["port"]
    : /No such container|non running container|is not running|restarting/.test(error)
      ? ["container"]
      : /volume/i.test(error)
        ? ["volume", "source"]
        : /bind source|mount/.test(error)
          ? ["source", "volume"]
          : [];
  const need = kinds
    .map((kind) => facts.needs.find((found) => found.kind === kind))
    .find((found) => found !== undefined);
  return need && wordsForNeed(facts, need);
}

const holderWords = (holder: PortHolder | undefined): string =>
  holder === undefined
    ? "by somebody who has let go of it since, or whom the engine cannot see"
    : holder.kind === "container"
      ? `by the container ${holder.name}`
      : `by ${holder.name} (process ${holder.pid})`;

function wordsForNeed({ name }: WhyFacts, need: NeedFinding): Verdict {
  const again = { text: "Then start it", command: `wharf start ${name}` };
  switch (need.kind) {
    case "port": {
      const { holder, port } = need;
      const stop =
        holder?.kind === "container" ? [{ text: "Stop that one", command: `wharf stop ${holder.name}` }] : [];
      return {
        cause: "portTaken",
        reason: `port ${port} of the host, which it publishes, was taken ${holderWords(holder)}`,
        evidence: [
          {
            name: "port",
            text: holder ? `${port}: held ${holderWords(holder)}` : `${port}: nobody listens there now`,
          },
        ],
        advice: [
          ...stop,
          ...(holder?.kind === "process" ? [{ text: "See what listens", command: "ss -ltnp" }] : []),
          again,
        ],
      };
    }
    case "container": {
      const { reference, status } = need;
      const gone = status === undefined;
      return {
        cause: "containerMissing",
        reason: gone
          ? `it shares a namespace of the container ${reference}, which has been removed`
          : `it shares a namespace of the container ${reference}, which does not run (${status})`,
        evidence: [{ name: "needs", text: `container ${reference}: ${status ?? "no such container"}` }],
        advice: gone
          ? [
              {
                text: "A container keeps the one it was made with: make this one anew, by the other's name",
                command: `wharf rm ${name}`,
              },
            ]
          : [{ text: "Start that one first", command: `wharf start ${reference}` }, again],
      };
    }
    case "volume":
      return {
        cause: "volumeMissing",
        reason: `its volume ${need.name} has been removed`,
        evidence: [{ name: "needs", text: `volume ${need.name}: no such volume` }],
        advice: [{ text: "Make it anew, empty", command: `wharf volume create ${need.name}` }, again],
      };
    case "source":
      return {
        cause: "mountSourceMissing",
        reason: `${need.path}, which is mounted into it, is not on the host`,
        evidence: [{ name: "needs", text: `${need.path}: no such file or folder` }],
        advice: [{ text: "Make it, or mount what was meant", command: `mkdir -p ${need.path}` }, again],
      };
  }
}
