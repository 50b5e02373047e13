/** Sets a sandbox up in FOLDER and is killed at its Nth step in the kernel: `killed-engine.ts FOLDER N`. */
import { faulty, Room, request, tcp } from "./room.ts";

const [folder = "", step = ""] = process.argv.slice(2);
const port = faulty(Number(step), () => {
  process.kill(process.pid, "SIGKILL");
  throw new Error("still alive");
});
const room = new Room(folder);
await room.open({}, [], port);
port.arm();
await room.networks.setUp(request(room, "victim", { ports: [tcp(8075, 80)] }));
// No close, as if the power had gone right after.
process.exit(0);
