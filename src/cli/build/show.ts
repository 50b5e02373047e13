import type { BuildFailure, OwnBuildLine } from "../../api/schema/own/build.ts";
import { Board } from "./board.ts";
import { plainRenderer, type Renderer, rawRenderer, type Terminal, ttyRenderer } from "./render.ts";

export type ProgressKind = "auto" | "plain" | "tty" | "rawjson" | "quiet";

/** Milliseconds between two pictures on a terminal. */
const FRAME = 100;

/** A build that failed; the exit code is the failed command's where one failed. */
export class BuildFailed extends Error {
  readonly exitCode: number;

  constructor(message: string, exitCode: number) {
    super(message);
    this.name = "BuildFailed";
    this.exitCode = exitCode;
  }
}

function rendererOf(kind: ProgressKind, terminal: Terminal): Renderer | undefined {
  if (kind === "quiet") return undefined;
  if (kind === "rawjson") return rawRenderer(terminal);
  return kind === "tty" || (kind === "auto" && terminal.live)
    ? ttyRenderer(terminal)
    : plainRenderer(terminal);
}

/** Shows a build while it runs. Throws BuildFailed; returns what came of it (nothing after `--check`). */
export async function showBuild(
  lines: AsyncIterable<OwnBuildLine | BuildFailure>,
  kind: ProgressKind,
  terminal: Terminal,
): Promise<Board> {
  const board = new Board();
  const renderer = rendererOf(kind, terminal);
  const began = Date.now();
  const timer = setInterval(() => renderer?.tick(board, Date.now() - began), FRAME);
  try {
    for await (const line of lines) {
      if ("error" in line) {
        board.fail();
        const { message, code } = line.errorDetail;
        throw new BuildFailed(message, code ?? 1);
      }
      board.apply(line);
      renderer?.event(board, line);
    }
    return board;
  } finally {
    clearInterval(timer);
    renderer?.end(board);
  }
}
