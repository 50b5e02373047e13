/**
 * Makes a network called "made", or removes it, and is killed at the Nth step in the kernel:
 * `killed-network.ts FOLDER create|remove N`.
 */
import { faulty, Room } from "./room.ts";

const [folder = "", verb = "", step = ""] = process.argv.slice(2);
const port = faulty(Number(step), () => {
  process.kill(process.pid, "SIGKILL");
  throw new Error("still alive");
});
const room = new Room(folder);
await room.open({}, [], port);
port.arm();
if (verb === "create") await room.networks.create({ name: "made", enableIPv6: true });
else await room.networks.remove("made");
process.exit(0);
