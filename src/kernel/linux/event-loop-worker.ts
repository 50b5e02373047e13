import { parentPort, receiveMessageOnPort, workerData } from "node:worker_threads";
import type { Request, WorkerSettings } from "./event-loop-messages.ts";
import { Reactor } from "./reactor.ts";

const port = parentPort!;
const next = () => receiveMessageOnPort(port)?.message as Request | undefined;
// This thread never returns to its own event loop before it stops: it waits in the kernel and polls its port when woken.
new Reactor(workerData as WorkerSettings, next, (report, transfer) =>
  port.postMessage(report, transfer ? [transfer] : []),
).run();
