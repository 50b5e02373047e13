"""Runs a program on a pseudo-terminal and plays a script with it: on-terminal.py ROWS COLUMNS PROGRAM ARG...

The script comes on stdin, one JSON document a line: {"expect": "text"} waits until the text has been written,
{"shows": "text"} until it is to be seen on one row of the screen, {"send": "text"} types, {"size": [rows, columns]}
resizes, {"signal": 15} signals the program, {"stopped": true} waits until it has been stopped, {"run": ["touch", "file"]}
runs another one meanwhile. At the end everything that was written, the screen, how the program ended and whether the
terminal's modes are as they were is printed as JSON."""
import codecs, fcntl, json, os, pty, re, select, signal, struct, subprocess, sys, termios, time, unicodedata

PATIENCE = 60
PIECE = re.compile("\x1b\\[([0-9;?]*)([A-Za-z])|\x1b.|[\r\n]|[^\x1b\r\n]", re.S)
UNFINISHED = re.compile("\x1b(\\[[0-9;?]*)?$")


class Screen:
    """As much of a terminal as full-screen programs of ours speak to; half a wide character is an empty text."""

    def __init__(self, rows, columns):
        self.decoder = codecs.getincrementaldecoder("utf-8")("replace")
        self.rest = ""
        self.x = self.y = 0
        self.resize(rows, columns)

    def resize(self, rows, columns):
        self.rows, self.columns = rows, columns
        self.cells = [[" "] * columns for _ in range(rows)]

    def feed(self, data):
        text = self.rest + self.decoder.decode(data)
        cut = UNFINISHED.search(text)
        end = cut.start() if cut else len(text)
        self.rest = text[end:]
        for piece in PIECE.finditer(text[:end]):
            self.take(piece.group(0), piece.group(1), piece.group(2))

    def take(self, text, parameters, letter):
        if letter == "H":
            row, column = (parameters + ";1").split(";")[:2] if parameters else ("1", "1")
            self.y, self.x = int(row) - 1, int(column) - 1
        elif letter == "J" and parameters == "2":
            self.resize(self.rows, self.columns)
        elif parameters == "?1049" and letter in "hl":
            self.x = self.y = 0
            self.resize(self.rows, self.columns)
        elif text == "\r":
            self.x = 0
        elif text == "\n":
            self.y = min(self.y + 1, self.rows - 1)
        elif len(text) == 1 and self.y < self.rows and self.x < self.columns:
            wide = unicodedata.east_asian_width(text) in "WF"
            self.cells[self.y][self.x] = text
            if wide and self.x + 1 < self.columns:
                self.cells[self.y][self.x + 1] = ""
            self.x += 2 if wide else 1

    def lines(self):
        return ["".join(row).rstrip() for row in self.cells]


def main():
    rows, columns = int(sys.argv[1]), int(sys.argv[2])
    steps = [json.loads(line) for line in sys.stdin if line.strip()]
    pid, master = pty.fork()
    if pid == 0:
        fcntl.ioctl(0, termios.TIOCSWINSZ, struct.pack("HHHH", rows, columns, 0, 0))
        os.execv(sys.argv[3], sys.argv[3:])
    fcntl.ioctl(master, termios.TIOCSWINSZ, struct.pack("HHHH", rows, columns, 0, 0))
    modes = termios.tcgetattr(master)
    screen = Screen(rows, columns)
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
        screen.feed(data)
        ended = ended or not data

    def wait_for(condition):
        limit = time.monotonic() + PATIENCE
        while not condition() and not ended and time.monotonic() < limit:
            read(0.2)
        return condition()

    problem = None
    for step in steps:
        if "expect" in step:
            wanted = step["expect"].encode()
            if not wait_for(lambda: output.find(wanted, seen) >= 0):
                problem = "never written: %r" % step["expect"]
                break
            seen = output.find(wanted, seen) + len(wanted)
        if "shows" in step and not wait_for(lambda: any(step["shows"] in line for line in screen.lines())):
            problem = "never shown: %r" % step["shows"]
            break
        if "send" in step:
            os.write(master, step["send"].encode())
        if "size" in step:
            fcntl.ioctl(master, termios.TIOCSWINSZ, struct.pack("HHHH", *step["size"], 0, 0))
            screen.resize(*step["size"])
        if "signal" in step:
            os.kill(pid, step["signal"])
        if "stopped" in step:
            os.waitpid(pid, os.WUNTRACED)
        if "run" in step:
            subprocess.run(step["run"], check=True)
    limit = time.monotonic() + PATIENCE
    while not ended and problem is None and time.monotonic() < limit:
        read(0.2)
    if not ended:
        os.kill(pid, signal.SIGKILL)
    _, status = os.waitpid(pid, 0)
    restored = termios.tcgetattr(master) == modes
    played = {"output": output.decode("utf-8", "replace"), "screen": screen.lines(), "restored": restored}
    print(json.dumps({**played, "code": os.waitstatus_to_exitcode(status), "problem": problem}))


main()
