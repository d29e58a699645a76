# SPDX-License-Identifier: ISC
"""wire.py: a second implementation of docs/bridle-protocol.7, written from that
page alone and sharing nothing with the C code, so that the two check each
other. Also a scripted daemon for tests of the shim, and what the tests share.
"""
import json
import os
import signal
import socket
import struct
import subprocess
import sys
import tempfile
import threading
import time
import unittest

BUILD = os.path.abspath(os.environ.get("BUILD", "build"))
HOOK = os.path.join(BUILD, "bin", "bridle-hook")
DAEMON = os.path.join(BUILD, "bin", "bridled")

HOOK_EVENT, WRAP, ANSWER, REPLY, ERROR = 1, 2, 3, 128, 129
AGENT, EVENT, CWD, ENV, PAYLOAD, ARGV, RELEASE, FLAGS, TICKET, CHOICE = range(1, 11)
STATUS, OUT, ERR, VERDICT, ASK, TEXT = range(32, 38)
RUN, REFUSE, QUESTION = 1, 2, 3
LAST = 4  # of FLAGS: nothing follows but an answer


def frame(kind, fields, version=1):
    body = b"".join(bytes([t]) + struct.pack(">I", len(v)) + v for t, v in fields)
    return b"brdl" + bytes([version, kind, 0, 0]) + struct.pack(">I", len(body)) + body


def fields(body):
    out = {}
    while body:
        size = struct.unpack(">I", body[1:5])[0]
        out[body[0]] = body[5:5 + size]
        body = body[5 + size:]
    return out


def read_exactly(sock, n):
    data = bytearray()
    while len(data) < n:
        more = sock.recv(n - len(data))
        if not more:
            raise EOFError("%d of %d bytes" % (len(data), n))
        data += more
    return bytes(data)


def read_frame(sock):
    """(kind, fields) of the next frame."""
    head = read_exactly(sock, 12)
    assert head[:4] == b"brdl" and head[6:8] == b"\0\0", head
    return head[5], fields(read_exactly(sock, struct.unpack(">I", head[8:12])[0]))


def reply(out=b"", err=b"", status=0):
    return frame(REPLY, [(STATUS, bytes([status])), (OUT, out), (ERR, err)])


def connect(path):
    sock = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
    sock.settimeout(20)
    sock.connect(path)
    return sock


class Scripted:
    """A daemon that reads one frame a connection and then does `act(conn)`."""

    def __init__(self, folder, act):
        self.path = os.path.join(folder, "socket")
        self.seen = []
        self.act = act
        self.sock = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
        self.sock.bind(self.path)
        self.sock.listen(64)
        self.thread = threading.Thread(target=self.serve, daemon=True)
        self.thread.start()

    def serve(self):
        while True:
            try:
                conn, _ = self.sock.accept()
            except OSError:
                return
            with conn:
                try:
                    self.seen.append(read_frame(conn))
                    self.act(conn)
                except (EOFError, OSError):
                    pass

    def close(self):
        if self.sock.fileno() < 0:
            return
        self.sock.shutdown(socket.SHUT_RDWR)
        self.sock.close()
        self.thread.join(10)


class Case(unittest.TestCase):
    def setUp(self):
        folder = tempfile.TemporaryDirectory(prefix="bridle-", dir="/tmp")
        self.addCleanup(folder.cleanup)
        self.folder = folder.name

    def path(self, *names):
        return os.path.join(self.folder, *names)

    def env(self, **more):
        base = {"PATH": "/usr/bin:/bin", "HOME": self.folder,
                "XDG_CONFIG_HOME": self.path("config"), "XDG_STATE_HOME": self.path("state"),
                "BRIDLE_SOCKET": self.path("socket")}
        base.update(more)
        return {k: v for k, v in base.items() if v is not None}


class DaemonCase(Case):
    """Tests with a real bridled in a folder of their own."""

    POLICY = """version 1
default pass
allow fly status
deny fly deploy
    because Deploys go through CI.
"""

    def setUp(self):
        super().setUp()
        self.write("fly.policy", self.POLICY)
        self.daemons = []
        self.addCleanup(self.stop_all)

    def write(self, name, text):
        """Puts a file in place in one step, as a careful editor does."""
        os.makedirs(os.path.dirname(self.path(name)), exist_ok=True)
        with open(self.path(name + ".tmp~"), "w") as f:
            f.write(text)
        os.rename(self.path(name + ".tmp~"), self.path(name))

    def start(self, *args, policy=True, env=None, **kw):
        """Starts a daemon and returns once it can answer."""
        argv = [DAEMON, "--socket", self.path("socket"), "--state", self.path("state")]
        if policy:
            argv += ["--policy", self.path("fly.policy")]
        self.log = open(self.path("log"), "ab")
        self.addCleanup(self.log.close)
        p = subprocess.Popen(argv + list(args), env=env or self.env(), stdin=subprocess.DEVNULL,
                             stdout=self.log, stderr=self.log, **kw)
        self.daemons.append(p)
        for _ in range(2000):
            try:
                self.control("status")  # it listens before it has read the policy
                return p
            except (OSError, ValueError):
                if p.poll() is not None:
                    break
                time.sleep(0.01)
        self.fail("bridled did not start: " + self.log_text())

    def log_text(self):
        with open(self.path("log"), errors="replace") as f:
            return f.read()

    def stop_all(self):
        for p in self.daemons:
            if p.poll() is None:
                p.send_signal(signal.SIGCONT)
                p.terminate()
        for p in self.daemons:
            try:
                p.wait(20)
            except subprocess.TimeoutExpired:
                p.kill()
                p.wait(20)
        self.daemons.clear()

    def event(self, command, **more):
        e = {"hook_event_name": "PreToolUse", "tool_name": "Bash", "session_id": "s1",
             "cwd": self.folder, "tool_use_id": "t1", "tool_input": {"command": command}}
        e.update(more)
        return json.dumps(e).encode()

    def request(self, payload, event=b"PreToolUse", agent=b"claude", env=None, flags=0):
        block = b"".join(os.fsencode("%s=%s" % kv) + b"\0" for kv in (env or self.env()).items())
        return frame(HOOK_EVENT, [(AGENT, agent), (EVENT, event), (CWD, os.fsencode(self.folder)),
                                  (ENV, block), (FLAGS, bytes([flags])), (RELEASE, b"0.1.0"),
                                  (PAYLOAD, payload)])

    def ask(self, payload, sock=None, **kw):
        """The whole reply to one event: (status, stdout, stderr)."""
        own = sock is None
        sock = sock or connect(self.path("socket"))
        try:
            sock.sendall(self.request(payload, **kw))
            kind, got = read_frame(sock)
        finally:
            if own:
                sock.close()
        self.assertEqual(kind, REPLY, got)
        return got[STATUS][0], got[OUT], got[ERR]

    def decide(self, command, **more):
        """allow, deny, ask or pass, checked for its form."""
        return self.verdict(*self.ask(self.event(command, **more)))

    def verdict(self, status, out, err):
        self.assertEqual((status, err), (0, b""))
        if not out:
            return "pass"
        out = json.loads(out)
        self.assertEqual(list(out), ["hookSpecificOutput"])
        out = out["hookSpecificOutput"]
        self.assertEqual(out["hookEventName"], "PreToolUse")
        self.assertTrue(out["permissionDecisionReason"])
        self.reason = out["permissionDecisionReason"]
        return out["permissionDecision"]

    def control(self, cmd, **more):
        with connect(self.path("socket")) as sock:
            sock.sendall(json.dumps(dict(cmd=cmd, **more)).encode() + b"\n")
            return json.loads(read_line(sock))

    def records(self):
        """Every record of the audit log; each line must be whole."""
        out = []
        for name in sorted(os.listdir(self.path("state", "audit"))):
            if name.endswith(".jsonl"):
                with open(self.path("state", "audit", name), "rb") as f:
                    data = f.read()
                if data:
                    self.assertTrue(data.endswith(b"\n"), data[-200:])
                out += [json.loads(line) for line in data.splitlines()]
        return out


def read_line(sock):
    data = bytearray()
    while not data.endswith(b"\n"):
        more = sock.recv(65536)
        if not more:
            raise EOFError(bytes(data))
        data += more
    return bytes(data)


def main():
    """Runs this module's tests; the last line is what tests/run counts."""
    suite = unittest.defaultTestLoader.loadTestsFromModule(sys.modules["__main__"])
    result = unittest.TextTestRunner(verbosity=2, stream=sys.stdout).run(suite)
    bad = len(result.failures) + len(result.errors)
    for case, why in result.skipped:
        print("skipped %s: %s" % (case, why))
    print("%d passed, %d failed" % (result.testsRun - bad - len(result.skipped), bad))
    sys.exit(1 if bad else 0)
