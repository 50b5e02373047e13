import { join } from "node:path";
import type { Logger } from "../base/log.ts";
import { VERSION } from "../base/version.ts";
import { linuxKernel } from "../kernel/index.ts";
import { databaseFailure } from "../store/index.ts";
import type { Config } from "./config/config.ts";
import { claimDataRoot, claimPidFile } from "./instance.ts";
import { levelOf, openLog, openTrace } from "./logging.ts";
import { reload } from "./reload.ts";
import { prepareDataRoot, prepareExecRoot, releaseCgroupParent, releaseExecRoot } from "./roots.ts";
import { listen } from "./server.ts";
import { takeServiceManager } from "./service-manager.ts";
import { stopContainers } from "./stop-containers.ts";
import { assemble } from "./wire.ts";

/** Signals after which the engine stops without waiting any longer (dockerd's habit). */
const IMPATIENT_SIGNALS = 3;

/** Resolves at the first SIGTERM or SIGINT; the third ends the process at once. */
function stopRequested(log: Logger): Promise<NodeJS.Signals> {
  const { promise, resolve } = Promise.withResolvers<NodeJS.Signals>();
  let count = 0;
  const onSignal = (signal: NodeJS.Signals) => {
    if (++count >= IMPATIENT_SIGNALS) {
      log.fatal("stopped by force: containers go on, the next start sorts out what is left");
      process.exit(1);
    }
    resolve(signal);
  };
  process.on("SIGTERM", onSignal);
  process.on("SIGINT", onSignal);
  return promise;
}

/**
 * The engine's life: claim its folders, put the rooms together, make records and kernel agree, listen, and on a signal
 * the same backwards. Every step has its undo on the stack, so that a failed start leaves nothing behind either.
 */
export async function runEngine(initial: Config, load: () => Config): Promise<void> {
  let config = initial;
  const { log, settings } = openLog(config);
  const stopping = stopRequested(log);
  await using stack = new AsyncDisposableStack();

  const trace = openTrace(process.env);
  const startup = trace("start-up", `after ${Math.round(performance.now())} ms of loading:`);
  const kernel = startup.step("kernel", linuxKernel);
  const manager = takeServiceManager(process.env, kernel.unixDatagrams);
  prepareExecRoot(config.execRoot, kernel.mounts);
  stack.defer(() => releaseExecRoot(config.execRoot, kernel.mounts));
  stack.defer(() => releaseCgroupParent(config.cgroupParent, kernel.cgroups));
  stack.use(claimPidFile(config.pidFile));
  prepareDataRoot(config.dataRoot);
  stack.use(claimDataRoot(config.dataRoot));

  const { api, engine, restoreRules, announceReload, recoverBuilds } = await startup.step("rooms", () =>
    assemble({ config: () => config, kernel, log, trace, stack }),
  );
  await startup
    .step("recovery", () => engine.recover())
    .catch((error: unknown) => {
      throw databaseFailure(join(config.dataRoot, "wharf.db"), error);
    });
  const recovering = recoverBuilds().catch((error: unknown) =>
    log.error("what killed builds left is not removed", { error }),
  );
  stack.defer(() => recovering);
  stack.defer(() => api.close());
  await startup.step("sockets", () => listen(config, api, log, manager.descriptors));
  startup.end();
  kernel.children.adoptOrphans();
  process.on("SIGHUP", () => {
    void restoreRules();
    reload(
      config,
      load,
      (next) => {
        config = next;
        settings.level = levelOf(next);
        announceReload();
      },
      log,
    );
  });
  manager.notify("READY=1");
  log.info("engine is ready", {
    version: VERSION,
    dataRoot: config.dataRoot,
    ms: Math.round(performance.now()),
  });

  const signal = await stopping;
  manager.notify("STOPPING=1");
  log.info("stopping", { signal });
  if (!config.liveRestore) await stopContainers(engine, config.shutdownTimeout, log);
}
