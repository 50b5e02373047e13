// A word over SCTP (sctp(7)): sctp-talk.cjs listen PORT, or sctp-talk.cjs ask ADDRESS PORT, which prints what it hears.
const koffi = require("/tmp/engine/node_modules/koffi");
const libc = koffi.load("libc.so.6");
const socket = libc.func("int socket(int, int, int)");
const bind = libc.func("int bind(int, void *, uint)");
const listen = libc.func("int listen(int, int)");
const accept = libc.func("int accept(int, void *, void *)");
const connect = libc.func("int connect(int, void *, uint)");
const send = libc.func("long send(int, void *, size_t, int)");
const recv = libc.func("long recv(int, _Out_ void *, size_t, int)");
const [AF_INET, SOCK_STREAM, IPPROTO_SCTP] = [2, 1, 132];

const address = (ip, port) =>
  Buffer.from([AF_INET, 0, port >> 8, port & 255, ...ip.split(".").map(Number), ...Buffer.alloc(8)]);
const check = (result, what) => {
  if (result < 0) throw new Error(`${what}: ${koffi.errno()}`);
  return result;
};
const [verb, ...rest] = process.argv.slice(2);
const fd = check(socket(AF_INET, SOCK_STREAM, IPPROTO_SCTP), "socket");
if (verb === "listen") {
  check(bind(fd, address("0.0.0.0", Number(rest[0])), 16), "bind");
  check(listen(fd, 5), "listen");
  console.log("up");
  for (;;) send(check(accept(fd, null, null), "accept"), Buffer.from("heard"), 5, 0);
}
check(connect(fd, address(rest[0], Number(rest[1])), 16), "connect");
const heard = Buffer.alloc(16);
console.log(heard.toString("latin1", 0, check(Number(recv(fd, heard, heard.length, 0)), "recv")));
