import { type EngineError, invalidParameter, systemError } from "../../base/errors.ts";

/** Which call of the runtime failed; Docker's messages begin differently. */
export type FailedCall = "create" | "exec";

/** The complaint without log framing: runc writes logfmt, crun plain text, both possibly several lines. */
function complaint(stderr: string): string {
  const lines = stderr
    .trim()
    .split("\n")
    .map((line) => {
      const message = /\bmsg="((?:[^"\\]|\\.)*)"/.exec(line)?.[1];
      return message === undefined ? line : message.replaceAll('\\"', '"').replaceAll("\\\\", "\\");
    });
  return lines.filter((line) => line !== "").join(": ");
}

/** crun's words about the program, in runc's, which Docker's clients look for. */
function aboutProgram(text: string, program: string): string | undefined {
  const quoted = JSON.stringify(program);
  if (/executable file `.*` not found/.test(text)) {
    return program.includes("/")
      ? `exec: ${quoted}: stat ${program}: no such file or directory`
      : `exec: ${quoted}: executable file not found in $PATH`;
  }
  // A folder as the program is EPERM to crun and EACCES to everybody else.
  if (/open executable: (permission denied|operation not permitted)/i.test(text)) {
    return `exec: ${quoted}: permission denied`;
  }
  return undefined;
}

/** The C library's words begin with capitals, Go's do not; clients look for Go's. */
const goWords = (text: string): string =>
  text.replaceAll(
    /: (?:No such file or directory|Permission denied|Not a directory|Is a directory)\b/g,
    (words) => words.toLowerCase(),
  );

/** The end of the message, for runc's own wording too. */
function reason(stderr: string, program: string): string {
  const text = goWords(complaint(stderr)) || "the runtime gave no reason";
  const own = aboutProgram(text, program);
  return own === undefined
    ? text.replace(/^(runc create failed|exec failed): /, "")
    : `unable to start container process: ${own}`;
}

const PREFIX = {
  create: "failed to create task for container: failed to create shim task: OCI runtime create failed: ",
  exec: "OCI runtime exec failed: exec failed: ",
} as const satisfies Record<FailedCall, string>;

/** Not the engine's fault but that of the program's name, in the words dockerd itself tells it by. */
const CALLERS_FAULT =
  /executable file not found|no such file or directory|permission denied|is a directory|not a directory/i;
const NOT_FOUND = /executable file not found|no such file or directory|not a directory/i;
const NOT_EXECUTABLE = /permission denied|is a directory/i;

/** What a client is told when `create` or `exec` of the runtime fails. Pure. */
export function runtimeFailure(call: FailedCall, stderr: string, program: string): EngineError {
  const text = reason(stderr, program);
  const hint = /not a directory/i.test(text)
    ? ": Are you trying to mount a directory onto a file (or vice-versa)? Check if the specified host path exists and is the expected type"
    : "";
  const message = `${PREFIX[call]}${text}: unknown${hint}`;
  return CALLERS_FAULT.test(text) ? invalidParameter(message) : systemError(message);
}

/** The exit code that a container (or exec) gets whose program could not be started: as a shell would say it. */
export function exitCodeOfFailure(message: string): 126 | 127 | 128 {
  if (NOT_FOUND.test(message)) return 127;
  return NOT_EXECUTABLE.test(message) ? 126 : 128;
}
