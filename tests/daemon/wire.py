# SPDX-License-Identifier: ISC
"""wire.py: a second implementation of docs/bridle-protocol.7, written from that
page alone and sharing nothing with the C code, so that the two check each
other. Also a scripted daemon for tests of the shim, and what the tests share.
"""
import os
import socket
import struct
import subprocess
import sys
import tempfile
import threading
import unittest

BUILD = os.path.abspath(os.environ.get("BUILD", "build"))
HOOK = os.path.join(BUILD, "bin", "bridle-hook")
DAEMON = os.path.join(BUILD, "bin", "bridled")

HOOK_EVENT, WRAP, ANSWER, REPLY, ERROR = 1, 2, 3, 128, 129
AGENT, EVENT, CWD, ENV, PAYLOAD, ARGV, RELEASE, FLAGS, TICKET, CHOICE = range(1, 11)
STATUS, OUT, ERR, VERDICT, ASK, TEXT = range(32, 38)
RUN, REFUSE, QUESTION = 1, 2, 3


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


def main():
    """Runs this module's tests; the last line is what tests/run counts."""
    suite = unittest.defaultTestLoader.loadTestsFromModule(sys.modules["__main__"])
    result = unittest.TextTestRunner(verbosity=2, stream=sys.stdout).run(suite)
    bad = len(result.failures) + len(result.errors)
    for case, why in result.skipped:
        print("skipped %s: %s" % (case, why))
    print("%d passed, %d failed" % (result.testsRun - bad - len(result.skipped), bad))
    sys.exit(1 if bad else 0)
