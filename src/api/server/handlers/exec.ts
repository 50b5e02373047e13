import { invalidParameter } from "../../../base/errors.ts";
import type { execRoutes } from "../../routes/exec.ts";
import type { CreateExecBody, ExecInspect } from "../../schema/exec.ts";
import type { Handlers } from "../call.ts";
import { parseDetachKeys } from "../detach-keys.ts";
import type { CreateExec, ExecView } from "../ports.ts";

function createRequest(body: CreateExecBody): CreateExec {
  const command = body.Cmd ?? [];
  if (command.length === 0) throw invalidParameter("No exec command specified");
  return {
    tty: body.Tty ?? false,
    stdin: body.AttachStdin ?? false,
    stdout: body.AttachStdout ?? false,
    stderr: body.AttachStderr ?? false,
    command,
    env: body.Env ?? [],
    user: body.User ?? "",
    workingDir: body.WorkingDir ?? "",
    privileged: body.Privileged ?? false,
    detachKeys: body.DetachKeys ?? "",
    size: consoleSize(body.ConsoleSize),
  };
}

function encodeExec({ id, containerId, running, exitCode, pid, config }: ExecView): ExecInspect {
  const [entrypoint = "", ...rest] = config.command;
  return {
    ID: id,
    Running: running,
    ExitCode: exitCode,
    ProcessConfig: {
      tty: config.tty,
      entrypoint,
      arguments: rest,
      privileged: config.privileged,
      ...(config.user === "" ? {} : { user: config.user }),
    },
    OpenStdin: config.stdin,
    OpenStderr: config.stderr,
    OpenStdout: config.stdout,
    CanRemove: false,
    ContainerID: containerId,
    DetachKeys: config.detachKeys,
    Pid: pid,
  };
}

/** Height and width of a console, when it was given one. */
function consoleSize(size: readonly number[] | null | undefined) {
  const [height, width] = size ?? [];
  return height !== undefined && width !== undefined ? { height, width } : undefined;
}

export const execHandlers: Handlers<typeof execRoutes> = {
  ContainerExec: async ({ args, body, engine }) => ({
    Id: await engine.execs.create(args.id, createRequest(body)),
  }),
  async ExecStart({ args, body, engine }) {
    const { config } = engine.execs.inspect(args.id);
    const detach = body?.Detach ?? false;
    const tty = body?.Tty ?? false;
    const detachKeys = config.tty && config.stdin ? parseDetachKeys(config.detachKeys) : undefined;
    const stdio = await engine.execs.start(args.id, { detach, size: consoleSize(body?.ConsoleSize) });
    return stdio && { stdio, multiplexed: !tty, input: config.stdin, detachKeys };
  },
  ExecResize({ args, engine }) {
    return engine.execs.resize(args.id, { height: args.h, width: args.w });
  },
  ExecInspect: ({ args, engine }) => encodeExec(engine.execs.inspect(args.id)),
};
