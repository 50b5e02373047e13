/**
 * Puts a running sandbox on a network that takes over its default route and ports, or takes it off, and is killed at the Nth step in the kernel:
 * `killed-connect.ts FOLDER connect|disconnect N`.
 */
import { faulty, idOf, Room } from "./room.ts";

const [folder = "", verb = "", step = ""] = process.argv.slice(2);
const port = faulty(Number(step), () => {
  process.kill(process.pid, "SIGKILL");
  throw new Error("still alive");
});
const room = new Room(folder);
await room.open({}, [idOf("victim")], port);
port.arm();
if (verb === "connect") await room.networks.connect(idOf("victim"), "aside", {});
else await room.networks.disconnect(idOf("victim"), "aside", false);
process.exit(0);
