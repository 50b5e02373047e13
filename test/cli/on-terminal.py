"""Runs a program on a pseudo-terminal and plays a script with it: on-terminal.py ROWS COLUMNS PROGRAM ARG...

The script comes on stdin, one JSON document a line: {"expect": "text"} waits until the text has been written,
{"send": "text"} types, {"size": [rows, columns]} resizes, {"signal": 15} signals the program, {"run": ["touch",
"file"]} runs another one meanwhile. At the end everything that was written, how the program ended and whether the
terminal's modes are as they were is printed as JSON."""
import fcntl, json, os, pty, select, signal, struct, subprocess, sys, termios, time

PATIENCE = 30


def main():
    rows, columns = int(sys.argv[1]), int(sys.argv[2])
    steps = [json.loads(line) for line in sys.stdin if line.strip()]
    pid, master = pty.fork()
    if pid == 0:
        fcntl.ioctl(0, termios.TIOCSWINSZ, struct.pack("HHHH", rows, columns, 0, 0))
        os.execv(sys.argv[3], sys.argv[3:])
    fcntl.ioctl(master, termios.TIOCSWINSZ, struct.pack("HHHH", rows, columns, 0, 0))
    modes = termios.tcgetattr(master)
    output = b""
    seen = 0
    ended = False

    def read(wait):
        nonlocal output, ended
        if master not in select.select([master], [], [], wait)[0]:
            return
        try:
            data = os.read(master, 65536)
        except OSError:
            data = b""
        output += data
        ended = ended or not data

    problem = None
    for step in steps:
        if "expect" in step:
            wanted = step["expect"].encode()
            limit = time.monotonic() + PATIENCE
            while (at := output.find(wanted, seen)) < 0 and not ended and time.monotonic() < limit:
                read(0.2)
            if at < 0:
                problem = "never written: %r" % step["expect"]
                break
            seen = at + len(wanted)
        if "send" in step:
            os.write(master, step["send"].encode())
        if "size" in step:
            fcntl.ioctl(master, termios.TIOCSWINSZ, struct.pack("HHHH", *step["size"], 0, 0))
        if "signal" in step:
            os.kill(pid, step["signal"])
        if "run" in step:
            subprocess.run(step["run"], check=True)
    limit = time.monotonic() + PATIENCE
    while not ended and problem is None and time.monotonic() < limit:
        read(0.2)
    if not ended:
        os.kill(pid, signal.SIGKILL)
    _, status = os.waitpid(pid, 0)
    restored = termios.tcgetattr(master) == modes
    print(json.dumps({"restored": restored, "output": output.decode("utf-8", "replace"), "code": os.waitstatus_to_exitcode(status), "problem": problem}))


main()
