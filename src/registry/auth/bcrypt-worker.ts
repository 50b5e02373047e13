import { parentPort, workerData } from "node:worker_threads";
import { bcrypt } from "./bcrypt.ts";

const { password, hash } = workerData as { password: string; hash: string };
parentPort?.postMessage(bcrypt(password, hash));
