import { complaintOf } from "./complaints.ts";
import type { Advice, Evidence, Verdict, WhyCause, WhyFacts } from "./facts.ts";
import type { ProgramFinding } from "./program.ts";

/** Exit codes by which a program that could not be run may be known; a runtime that fails in its last step gives 1. */
const CODES: ReadonlySet<number> = new Set([1, 2, 126, 127, 255]);
/** Longer (ms), and the command did run. */
const AT_ONCE = 5000;

export const speaksOfProgram = (exitCode: number): boolean => CODES.has(exitCode);

/**
 * The command, or a program that its shell called, cannot be run: its log says so, or it ended at once without a word
 * and what was looked at explains it. Pure.
 */
export function diagnoseProgram(facts: WhyFacts): Verdict | undefined {
  const { program, lastEnd, log } = facts;
  if (!lastEnd || !speaksOfProgram(lastEnd.exitCode)) return undefined;
  const complaint = complaintOf(log);
  const ran = Date.parse(lastEnd.finishedAt) - Date.parse(lastEnd.startedAt);
  if (!complaint && (log.length > 0 || ran > AT_ONCE)) return undefined;
  const evidence = complaint ? [{ name: "its words", text: complaint.line }] : [];
  const verdict = program && wordsFor(facts, program);
  if (verdict) return { ...verdict, evidence: [...verdict.evidence, ...evidence] };
  if (lastEnd.exitCode !== 127 || !complaint) return undefined;
  return {
    cause: "commandNotFound",
    reason: `${complaint.program ?? "a program that it calls"} was not found`,
    evidence,
    advice: [lookInside(facts)],
  };
}

const octal = (mode: number): string => mode.toString(8).padStart(4, "0");

const lookInside = ({ image }: WhyFacts): Advice => ({
  text: "Look into the image",
  command: `wharf run --rm -it --entrypoint sh ${image}`,
});

const said = (
  cause: WhyCause,
  reason: string,
  evidence: readonly Evidence[],
  advice: readonly Advice[],
): Verdict => ({
  cause,
  reason,
  evidence,
  advice,
});

type Words = {
  readonly [K in ProgramFinding["kind"]]: (
    finding: Extract<ProgramFinding, { kind: K }>,
    facts: WhyFacts,
  ) => Verdict | undefined;
};

const WORDS: Words = {
  fine: () => undefined,
  missing: ({ name, searched }, facts) =>
    said(
      "commandNotFound",
      name.includes("/")
        ? `the program ${name} is not in the container`
        : `the program ${name} is in no folder of its PATH`,
      [{ name: "looked in", text: searched.join(" ") || "nothing: PATH is empty" }],
      [
        {
          text: "Name a program that the image has, or install this one in it (the first word behind the image is the program)",
        },
        lookInside(facts),
      ],
    ),
  folder: ({ path }, facts) =>
    said("notExecutable", `${path} is a folder and no program`, [], [lookInside(facts)]),
  notExecutable: ({ path, mode, uid, gid }, { user }) => {
    const owner = `mode ${octal(mode)}, owner ${uid}:${gid}`;
    const nobody = (mode & 0o111) === 0;
    return said(
      "notExecutable",
      nobody ? `${path} is not marked as executable` : `user ${user || "root"} may not execute ${path}`,
      [{ name: "program", text: `${path}: ${owner}` }],
      [
        nobody
          ? { text: "Mark it in the Dockerfile", command: `RUN chmod +x ${path}` }
          : {
              text: "Let others execute it in the Dockerfile, or run as its owner (--user)",
              command: `RUN chmod a+rx ${path}`,
            },
      ],
    );
  },
  noexec: ({ path, mount }) =>
    said(
      "noexec",
      `${path} lies on a file system from which nothing may be executed`,
      [{ name: "mount", text: `${mount} comes from a file system of the host that is mounted noexec` }],
      [
        {
          text: "Keep programs in the image, or mount from a file system without noexec",
          command: "findmnt -O noexec",
        },
      ],
    ),
  interpreterMissing: ({ path, interpreter, crlf }, facts) =>
    crlf
      ? said(
          "lineEndings",
          `the script ${path} has Windows line endings, so the kernel looks for a program named ${interpreter} with a carriage return behind it`,
          [{ name: "script", text: `${path}, first line: #!...${interpreter}\\r` }],
          [
            { text: "Convert it", command: `sed -i 's/\\r$//' ${path.slice(path.lastIndexOf("/") + 1)}` },
            { text: "Let git keep it so", command: "echo '*.sh text eol=lf' >> .gitattributes" },
          ],
        )
      : said(
          "interpreterMissing",
          `the script ${path} is to be run by ${interpreter}, which is not in the container`,
          [{ name: "script", text: `${path}, first line: #!...${interpreter}` }],
          [
            {
              text: `Install ${interpreter} in the image, or let the first line name a program that it has (#!/bin/sh)`,
            },
            lookInside(facts),
          ],
        ),
  noFormat: ({ path, text, empty }) =>
    said(
      "notAProgram",
      empty
        ? `${path} is empty`
        : text
          ? `${path} is text without a first line that says what is to run it (#!/bin/sh)`
          : `${path} is no program of Linux`,
      [{ name: "program", text: `${path} begins neither with "#!" nor as an ELF file` }],
      [
        text && !empty
          ? { text: "Begin it with this line", command: "#!/bin/sh" }
          : { text: "Put the right file in its place" },
      ],
    ),
  damaged: ({ path }) =>
    said(
      "notAProgram",
      `${path} is a damaged program: its ELF header contradicts itself`,
      [],
      [{ text: "Copy it again; a checkout or an upload may have cut it short" }],
    ),
  architecture: ({ path, machine, host }, { image }) =>
    said(
      "wrongArchitecture",
      `${path} is made for ${machine} processors, and this machine is ${host}`,
      [{ name: "program", text: `${path}: ELF for ${machine}` }],
      [
        {
          text: "Take the image for this machine",
          command: `wharf pull --platform ${PLATFORMS[host] ?? `linux/${host}`} ${image}`,
        },
        { text: "Or install an emulator for the other processor on the host (qemu-user-static with binfmt)" },
      ],
    ),
  loaderMissing: ({ path, loader }) =>
    said(
      "loaderMissing",
      `${path} is linked dynamically and needs the loader ${loader}, which is not in the container`,
      [{ name: "program", text: `${path}: interpreter ${loader}` }],
      [
        {
          text: loader.includes("musl")
            ? "It was built for musl (Alpine): take such a base image, or build it for this one"
            : "It was built for another C library (glibc): take a base image with it (debian), or link it statically (CGO_ENABLED=0, -static)",
        },
      ],
    ),
  libraryMissing: ({ path, libraries }) =>
    said(
      "libraryMissing",
      `${path} needs ${libraries.length === 1 ? "a shared library that is" : "shared libraries that are"} not in the container: ${libraries.join(", ")}`,
      [{ name: "program", text: `${path}: needs ${libraries.join(", ")}` }],
      [
        {
          text: "Install the packages that hold them in the image, or set LD_LIBRARY_PATH to where they are",
        },
      ],
    ),
};

const PLATFORMS: Readonly<Record<string, string>> = { x86_64: "linux/amd64", aarch64: "linux/arm64" };

/** What a finding is in words; undefined for one that explains nothing. */
export function wordsFor<K extends ProgramFinding["kind"]>(
  facts: WhyFacts,
  finding: Extract<ProgramFinding, { kind: K }>,
): Verdict | undefined {
  const words = WORDS[finding.kind as K] as Words[K];
  return words(finding, facts);
}
