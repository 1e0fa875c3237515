#!/usr/bin/env python3
"""Real IRC clients in one room with everybody else, and each one's own log read back.

weechat, irssi, ii and irc-framework, an IRC client that asks for echoes, the native client and somebody at netcat talk all at once; the
server is killed with -9 and restarted while they do; they talk again. The native client, which resumes, has seen the
log's order. Everybody must have read the others' lines in that order, none twice, and none lost while they were there.

    clients.py PATH-TO-CAUSERIE [--keep DIR]     apt-get install weechat-headless irssi ii nodejs; NODE_PATH: irc-framework
"""

import atexit
import json
import os
import pty
import re
import shutil
import socket
import subprocess
import sys
import tempfile
import threading
import time

ROOM = "#lobby"
LINES = 40
MARK = re.compile(r"\b([ABC])(\d+)\.(\w+)\b")
PATIENCE_S = 60


def begun(process):
    """A program of ours: it ends when we do."""
    atexit.register(lambda: process.poll() is None and process.kill())
    return process


def wait_for(what, condition):
    """Looks again until it holds: there is no other way to know what a foreign program has done."""
    until = time.monotonic() + PATIENCE_S
    while not condition():
        if time.monotonic() > until:
            sys.exit(f"FAIL: waited {PATIENCE_S} s for: {what}")
        time.sleep(0.02)


def marks(text):
    return [match.group(0) for match in MARK.finditer(text)]


def read(path):
    try:
        with open(path, encoding="utf-8", errors="replace") as file:
            return file.read()
    except FileNotFoundError:
        return ""


class Server:
    def __init__(self, program, port, home):
        self.program, self.port, self.home = program, port, home
        self.start()

    def start(self):
        log = open(os.path.join(self.home, "server.log"), "ab")
        command = [self.program, "server", "--listen", f"127.0.0.1:{self.port}", "--data", os.path.join(self.home, "data")]
        self.process = begun(subprocess.Popen(command, stdout=log, stderr=log))
        wait_for("the server to listen", self.answers)

    def answers(self):
        try:
            socket.create_connection(("127.0.0.1", self.port), 1).close()
            return True
        except OSError:
            return False

    def kill(self):
        self.process.kill()
        self.process.wait()

    def stop(self):
        began = time.monotonic()
        self.process.terminate()
        self.process.wait(10)
        return time.monotonic() - began


class Irssi:
    name, echoes = "ada", True

    def __init__(self, port, home):
        self.dir = os.path.join(home, "irssi")
        os.makedirs(self.dir)
        with open(os.path.join(self.dir, "config"), "w", encoding="utf-8") as config:
            config.write(f"""
servers = ( {{ address = "127.0.0.1"; chatnet = "c"; port = "{port}"; autoconnect = "yes"; }} );
chatnets = {{ c = {{ type = "IRC"; nick = "{self.name}"; }}; }};
channels = ( {{ name = "{ROOM}"; chatnet = "c"; autojoin = "yes"; }} );
settings = {{
  core = {{ nick = "{self.name}"; user_name = "{self.name}"; real_name = "{self.name}"; server_reconnect_time = "1"; }};
  "fe-common/core" = {{ autolog = "yes"; autolog_path = "{self.dir}/log"; autolog_level = "all"; }};
  "irc/core" = {{ cmd_queue_speed = "10msec"; cmds_max_at_once = "100"; }};
}};
""")
        # Its lines are typed at a terminal.
        self.pid, self.terminal = pty.fork()
        if self.pid == 0:
            os.environ["TERM"] = "vt100"
            os.execvp("irssi", ["irssi", "--home", self.dir])
        threading.Thread(target=self.drain, daemon=True).start()

    def drain(self):
        try:
            while os.read(self.terminal, 4096):
                pass
        except OSError:
            pass

    def type(self, line):
        os.write(self.terminal, f"{line}\r".encode())

    def say(self, text):
        self.type(f"/msg -channel {ROOM} {text}")

    def log(self):
        return read(os.path.join(self.dir, "log"))

    def stop(self):
        self.type("/quit")
        os.waitpid(self.pid, 0)


class Weechat:
    name, echoes = "wim", True

    def __init__(self, port, home):
        self.dir = os.path.join(home, "weechat")
        setup = [
            "/set logger.file.flush_delay 0",
            "/set irc.server_default.anti_flood_prio_high 0",
            "/set irc.server_default.anti_flood_prio_low 0",
            '/set irc.server_default.capabilities "*"',
            f"/server add c 127.0.0.1/{port} -notls -nicks={self.name} -autojoin={ROOM} -autoreconnect_delay=1",
            "/set irc.network.autoreconnect_delay_growing 1",
            "/connect c",
        ]
        command = ["weechat-headless", "-d", self.dir, "-P", "fifo,irc,logger"]
        for line in setup:
            command += ["-r", line]
        self.process = begun(subprocess.Popen(command, stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL))
        self.pipe = os.path.join(self.dir, f"weechat_fifo_{self.process.pid}")

    def say(self, text):
        wait_for("weechat's pipe", lambda: os.path.exists(self.pipe))
        with open(self.pipe, "w", encoding="utf-8") as pipe:
            pipe.write(f"irc.c.{ROOM} *{text}\n")

    def log(self):
        return read(os.path.join(self.dir, "logs", f"irc.c.{ROOM}.weechatlog"))

    def stop(self):
        with open(self.pipe, "w", encoding="utf-8") as pipe:
            pipe.write("core.weechat */quit\n")
        self.process.wait(10)


class Ii:
    name, echoes = "iva", True

    def __init__(self, port, home):
        self.port, self.dir = port, os.path.join(home, "ii")
        self.place = os.path.join(self.dir, "127.0.0.1")
        self.start()

    def start(self):
        command = ["ii", "-s", "127.0.0.1", "-p", str(self.port), "-n", self.name, "-i", self.dir]
        began = read(os.path.join(self.place, "out")).count("376")
        self.process = begun(subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL))
        said = "end of the message of the day"
        wait_for("ii to be welcomed", lambda: read(os.path.join(self.place, "out")).count(said) > began)
        self.write("in", f"/j {ROOM}")

    def write(self, where, line):
        path = os.path.join(self.place, where)
        wait_for(f"ii's {where}", lambda: os.path.exists(path))
        with open(path, "w", encoding="utf-8") as pipe:
            pipe.write(f"{line}\n")

    def restart(self):
        self.process.wait(PATIENCE_S)  # It ends when the server does.
        os.rename(os.path.join(self.place, ROOM, "out"), os.path.join(self.dir, "before"))
        shutil.rmtree(self.place)
        self.start()

    def say(self, text):
        self.write(os.path.join(ROOM, "in"), text)

    def log(self):
        return read(os.path.join(self.dir, "before")) + read(os.path.join(self.place, ROOM, "out"))

    def stop(self):
        self.process.terminate()
        self.process.wait(10)


class Lines:
    """A connection of one's own: what is read is kept."""

    def __init__(self, port):
        self.port, self.text, self.socket = port, "", None
        self.connect()

    def connect(self):
        self.socket = socket.create_connection(("127.0.0.1", self.port))
        self.socket.sendall(self.greeting().encode())
        threading.Thread(target=self.listen, args=(self.socket,), daemon=True).start()

    def listen(self, stream):
        unread = b""
        try:
            while received := stream.recv(65536):
                unread += received
                *lines, unread = unread.split(b"\n")
                for line in lines:
                    self.hear(line.decode())
        except OSError:
            pass

    def hear(self, line):
        self.text += line + "\n"

    def restart(self):
        """Comes again, and again if the server has not yet let go of the name."""
        welcomes = self.text.count(self.WELCOME)
        tried = 0.0

        def is_in():
            nonlocal tried
            if self.text.count(self.WELCOME) > welcomes:
                return True
            if time.monotonic() - tried > 0.5:
                tried = time.monotonic()
                self.socket.close()
                self.connect()
            return False

        wait_for(f"{self.name} to be welcomed again", is_in)

    def write(self, line):
        self.socket.sendall(line.encode())

    def log(self):
        return self.text

    def stop(self):
        self.socket.close()


class Netcat(Lines):
    name, echoes = "nick", False
    WELCOME = "Welcome to chat room"

    def greeting(self):
        return f"{self.name}\n"

    def say(self, text):
        self.write(f"{text}\n")


class Echo(Lines):
    """An IRC client that asks for its own lines: they too stand in the log's order."""

    name, echoes = "eko", True
    WELCOME = " 001 "

    def greeting(self):
        caps = "server-time message-tags batch labeled-response echo-message"
        return f"CAP LS 302\r\nCAP REQ :{caps}\r\nNICK {self.name}\r\nUSER {self.name} 0 * :Echo\r\nCAP END\r\nJOIN {ROOM}\r\n"

    def hear(self, line):
        if line.startswith("PING"):
            self.write(line.replace("PING", "PONG", 1) + "\r\n")
        super().hear(line)

    def say(self, text):
        self.write(f"@label={text.split()[0].replace('.', '-')} PRIVMSG {ROOM} :{text}\r\n")


class Framework:
    """irc-framework, with echoes and labels: its own lines too stand in the log's order."""

    name, echoes = "fay", True

    def __init__(self, port, home):
        self.shown = os.path.join(home, "irc-framework")
        client = os.path.join(os.path.dirname(os.path.abspath(__file__)), "framework", "client.js")
        with open(self.shown, "wb") as shown, open(self.shown + ".errors", "wb") as errors:
            command = ["node", client, str(port), self.name, ROOM]
            self.process = begun(subprocess.Popen(command, stdin=subprocess.PIPE, stdout=shown, stderr=errors, text=True))

    def say(self, text):
        self.process.stdin.write(text + "\n")
        self.process.stdin.flush()

    def log(self):
        return read(self.shown)

    def stop(self):
        self.process.stdin.close()
        self.process.wait(10)


class Native:
    name, echoes = "nat", True

    def __init__(self, program, port):
        command = [program, "client", f"127.0.0.1:{port}", "--nick", self.name, "--no-state", "--json"]
        self.process = begun(subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True))
        self.entries, self.refs = [], {}
        threading.Thread(target=self.listen, daemon=True).start()

    def listen(self):
        for line in self.process.stdout:
            value = json.loads(line)
            if value["type"] == "said":
                self.entries.append((value["seq"], value["text"]))
            elif value["type"] == "accepted" and value.get("ref") in self.refs:
                self.entries.append((value["seq"], self.refs[value["ref"]]))

    def say(self, text):
        reference = str(len(self.refs))
        self.refs[reference] = text
        self.process.stdin.write(json.dumps({"say": text, "ref": reference}) + "\n")
        self.process.stdin.flush()

    def log(self):
        return "\n".join(text for _, text in self.entries)

    def stop(self):
        self.process.stdin.close()
        self.process.wait(10)


def talk(people, phase, count):
    """Everybody at once, in turn, without waiting for anybody."""
    said = []
    for i in range(count):
        person = people[i % len(people)]
        mark = f"{phase}{i}.{person.name}"
        person.say(f"{mark} says so, über alles")
        said.append(mark)
    return said


def gather(people, phase):
    """Waits until everybody hears everybody: whoever is not heard by all yet says so again, once a second."""
    for person in people:
        token = f"{phase}1000.{person.name}"
        others = [other for other in people if other is not person]
        said = 0.0

        def is_heard_by_all():
            nonlocal said
            if all(token in marks(other.log()) for other in others):
                return True
            if time.monotonic() - said > 1.0:
                said = time.monotonic()
                person.say(f"{token} is there")
            return False

        wait_for(f"everybody to hear {person.name}", is_heard_by_all)


def judge(person, order, phases):
    """One's own log against the log's order."""
    place = {mark: i for i, mark in enumerate(order)}
    # Those who call whether anybody is there may have to call again.
    read_marks = [mark for mark in marks(person.log()) if not re.match(r"[ABC]1000\.", mark)]
    own = [mark for mark in read_marks if mark.endswith(f".{person.name}")]
    others = [mark for mark in read_marks if not mark.endswith(f".{person.name}")]
    wrong = []
    if len(set(others)) != len(others):
        wrong.append(f"twice: {sorted(mark for mark in set(others) if others.count(mark) > 1)}")
    if unknown := [mark for mark in others if mark not in place]:
        wrong.append(f"not in the log: {unknown}")
    ranks = [place[mark] for mark in others if mark in place]
    inversions = sum(1 for one, two in zip(ranks, ranks[1:]) if one > two)
    if inversions:
        wrong.append(f"out of order in {inversions} places")
    for said in phases:
        if lost := [mark for mark in said if not mark.endswith(f".{person.name}") and mark not in others]:
            wrong.append(f"lost: {lost}")
    if person.echoes:
        expected = [mark for said in phases for mark in said if mark.endswith(f".{person.name}")]
        if lost := [mark for mark in expected if own.count(mark) != 1]:
            wrong.append(f"own lines not once: {lost}")
    if isinstance(person, (Echo, Framework, Native)):
        ranks = [place[mark] for mark in read_marks if mark in place]
        if ranks != sorted(ranks):
            wrong.append("with its own lines it is not in order")
    return len(others), wrong


def main():
    program = os.path.abspath(sys.argv[1])
    kept = sys.argv[sys.argv.index("--keep") + 1] if "--keep" in sys.argv else None
    home = kept or tempfile.mkdtemp(prefix="causerie-irc-")
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    server = Server(program, port, home)
    native = Native(program, port)
    echo, netcat = Echo(port), Netcat(port)
    ii, irssi, weechat = Ii(port, home), Irssi(port, home), Weechat(port, home)
    framework = Framework(port, home)
    people = [irssi, native, weechat, netcat, ii, echo, framework]
    gather(people, "A")
    print("all are in: irssi, weechat, ii, irc-framework, an IRC client with echoes, the native client, netcat")

    first = talk(people, "A", LINES)
    for person in people:
        wait_for(f"{person.name} to read phase A", lambda person=person: everything(person, first))
    print(f"{LINES} lines, interleaved: all were read")

    talk([native, netcat, echo], "B", 9)
    server.kill()
    server.start()
    for person in (netcat, echo, ii):
        person.restart()
    gather(people, "C")
    print("the server was killed with -9 and is back, and so are all")

    last = talk(people, "C", LINES)
    for person in people:
        wait_for(f"{person.name} to read phase C", lambda person=person: everything(person, last))
    order = marks("\n".join(text for _, text in sorted(native.entries)))
    order = [mark for mark in order if not re.match(r"[ABC]1000\.", mark)]
    assert len(order) == len(set(order)), "the log has a line twice"
    failed = False
    for person in people:
        count, wrong = judge(person, order, [first, last])
        kind = type(person).__name__.lower()
        print(f"  {kind:9} read {count} lines of others: " + ("; ".join(wrong) or "none lost, none twice, all in the log's order"))
        failed |= bool(wrong)
    for person in people:
        person.stop()
    took = server.stop()
    print(f"the server ended {took:.2f} s after SIGTERM")
    failed |= took > 2
    if not kept and not failed:
        shutil.rmtree(home)
    sys.exit(f"FAIL: see {home}" if failed else 0)


def everything(person, said):
    known = set(marks(person.log()))
    return all(mark in known for mark in said if person.echoes or not mark.endswith(f".{person.name}"))


if __name__ == "__main__":
    main()
