#!/usr/bin/env python3
# SPDX-License-Identifier: ISC
"""test_wrapper.py: the shim under the name of a program: what is allowed
runs, what is denied does not, a person at a terminal is asked, and nothing
unforeseen runs anything.
"""
import os
import pty
import shutil
import subprocess
import unittest

import wire

MARKS = (b"CLAUDECODE=1", b"CODEX_SANDBOX=", b"GEMINI_CLI=1", b"CURSOR_AGENT=1")


def agent_above():
    """Does this test run below a coding agent? Then nobody here is a person."""
    pid = os.getpid()
    while pid > 1:
        try:
            with open("/proc/%d/environ" % pid, "rb") as f:
                if any(v.startswith(MARKS) for v in f.read().split(b"\0")):
                    return True
            with open("/proc/%d/cmdline" % pid, "rb") as f:
                words = f.read().split(b"\0")[:2]
            if any(os.path.basename(w) in (b"claude", b"codex", b"gemini", b"copilot", b"cursor-agent")
                   for w in words):
                return True
            with open("/proc/%d/stat" % pid) as f:
                pid = int(f.read().rsplit(")", 1)[1].split()[1])
        except OSError:
            return True
    return False


class WrapperCase(wire.DaemonCase):
    def setUp(self):
        super().setUp()
        os.mkdir(self.path("wrap"))
        os.mkdir(self.path("real"))
        shutil.copy(wire.HOOK, self.path("wrap/fly"))  # alone: finds no daemon to start
        with open(self.path("real/fly"), "w") as f:
            f.write('#!/bin/sh\nfor a; do printf "<%s>" "$a"; done\nexit "${STATUS:-0}"\n')
        os.chmod(self.path("real/fly"), 0o755)

    def env(self, **more):
        path = "%s:%s:/usr/bin:/bin" % (self.path("wrap"), self.path("real"))
        return super().env(**dict({"PATH": path}, **more))

    def fly(self, *args, env=None, **kw):
        """Without a terminal."""
        return subprocess.run([self.path("wrap/fly"), *args], env=env or self.env(), start_new_session=True,
                              stdin=subprocess.DEVNULL, capture_output=True, timeout=60, **kw)

    def typed(self, keys, *args):
        """In a terminal of its own, where somebody types: (status, what was shown)."""
        pid, fd = pty.fork()
        if pid == 0:
            os.execve(self.path("wrap/fly"), ["fly", *args], self.env())
        shown = b""
        try:
            while True:
                shown += os.read(fd, 4096)
                if b"Run it? " in shown and keys:
                    os.write(fd, keys)
                    keys = b""
        except OSError:
            pass
        os.close(fd)
        return os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1]), shown


class Runs(WrapperCase):
    def test_allow_and_pass_run(self):
        self.start()
        for args in (("status", "-a", "x y"), ("", "a\nb", "--", "ü")):
            done = self.fly(*args)
            self.assertEqual((done.returncode, done.stderr), (0, b""))
            self.assertEqual(done.stdout.decode(), "".join("<%s>" % a for a in args))
        self.assertEqual(self.fly("status", env=self.env(STATUS="7")).returncode, 7)

    def test_deny_refuses(self):
        self.start()
        done = self.fly("deploy", "--now")
        self.assertEqual((done.returncode, done.stdout), (126, b""))
        self.assertIn(b"Deploys go through CI", done.stderr)
        last = self.records()[-1]
        self.assertEqual(last["decision"], "deny")
        self.assertNotIn(self.path("wrap/fly"), str(last))  # what is judged is the program that would run

    def test_no_daemon_refuses(self):
        done = self.fly("status")
        self.assertEqual((done.returncode, done.stdout), (126, b""))
        self.assertIn(b"bridled --detach", done.stderr)

    def test_odd_daemons_refuse(self):
        good = wire.frame(wire.REPLY, [(wire.VERDICT, bytes([wire.RUN]))])
        for data in (b"", good[:-1], good + b"x", wire.reply(b""), wire.frame(wire.REPLY, []),
                     wire.frame(wire.ERROR, [(wire.TEXT, b"busy")]), b"brdl\2" + good[5:],
                     wire.frame(wire.REPLY, [(wire.VERDICT, b"\0")]),
                     wire.frame(wire.REPLY, [(wire.VERDICT, b"\3"), (wire.ASK, b"?")])):
            with self.subTest(data):
                d = wire.Scripted(self.folder, lambda c: c.sendall(data))
                done = self.fly("status")
                d.close()
                os.unlink(d.path)
                self.assertEqual((done.returncode, done.stdout), (126, b""))
        d = wire.Scripted(self.folder, lambda c: c.sendall(good))
        self.assertEqual(self.fly("status").stdout, b"<status>")
        d.close()

    def test_no_real_program(self):
        self.start()
        os.unlink(self.path("real/fly"))
        os.mkdir(self.path("real/fly"))
        self.assertEqual(self.fly("status").returncode, 127)
        os.rmdir(self.path("real/fly"))
        os.link(self.path("wrap/fly"), self.path("real/fly"))  # itself under another path
        self.assertEqual(self.fly("status").returncode, 127)

    def test_programs_that_call_each_other(self):
        self.start()
        with open(self.path("real/fly"), "w") as f:
            f.write('#!/bin/sh\nexec fly "$@"\n')
        done = self.fly("status")
        self.assertEqual(done.returncode, 126)
        self.assertIn(b"call each other", done.stderr)

    def test_nested_runs(self):
        self.start()
        with open(self.path("real/fly"), "w") as f:
            f.write('#!/bin/sh\ncase $1 in 0) echo bottom;; *) fly $(($1 - 1));; esac\n')
        self.assertEqual(self.fly("5").stdout, b"bottom\n")

    def test_what_the_daemon_is_told(self):
        d = wire.Scripted(self.folder, lambda c: None)
        self.addCleanup(d.close)
        self.fly("a b", "", cwd=self.path("real"))
        kind, got = d.seen[0]
        self.assertEqual(kind, wire.WRAP)
        self.assertTrue(got[wire.ARGV].endswith(b"/wrap/fly\0a b\0\0"))
        self.assertEqual(got[wire.CWD], os.fsencode(os.path.realpath(self.path("real"))))
        self.assertIn(b"HOME=" + os.fsencode(self.folder), got[wire.ENV].split(b"\0"))
        self.assertEqual(got[wire.FLAGS], bytes([wire.LAST]))


class Questions(WrapperCase):
    @unittest.skipIf(agent_above(), "this runs below a coding agent")
    def test_a_person_is_asked(self):
        self.start()
        self.assertEqual(self.typed(b"", "status")[0], 0)
        for keys, status in ((b"y\n", 0), (b"yes\n", 0), (b"n\n", 126), (b"\n", 126), (b"maybe\n", 126),
                             (b"yy\n", 126), (b"\x04", 126)):
            with self.subTest(keys):
                got, shown = self.typed(keys, "deploy")
                self.assertEqual(got, status, shown)
                self.assertIn(b"Deploys go through CI", shown)
                self.assertEqual(b"<deploy>" in shown, status == 0)
                self.assertEqual(self.records()[-1]["event"], "person-yes" if status == 0 else "person-no")

    def test_scripted_questions(self):
        """The ticket comes back; only a yes of both sides runs it."""
        ask = wire.frame(wire.REPLY, [(wire.VERDICT, b"\3"), (wire.TICKET, b"t1"), (wire.ASK, b"Run it? ")])
        said = []

        def act(conn):
            conn.sendall(ask)
            said.append(wire.read_frame(conn))
            conn.sendall(wire.frame(wire.REPLY, [(wire.VERDICT, b"\1" if len(said) < 3 else b"\2")]))
        d = wire.Scripted(self.folder, act)
        self.addCleanup(d.close)
        self.assertEqual(self.typed(b"y\n", "deploy")[0], 0)
        self.assertEqual(self.typed(b"n\n", "deploy")[0], 126)
        self.assertEqual(self.typed(b"y\n", "deploy")[0], 126)
        self.assertEqual([(k, f[wire.TICKET], f[wire.CHOICE]) for k, f in said],
                         [(wire.ANSWER, b"t1", b"y"), (wire.ANSWER, b"t1", b"n"), (wire.ANSWER, b"t1", b"y")])

    def test_without_a_daemon_nobody_is_asked(self):
        status, shown = self.typed(b"", "deploy")
        self.assertEqual(status, 126)
        self.assertNotIn(b"y/N", shown)

    def test_made_up_tickets_are_refused(self):
        self.start()
        for ticket in (b"", b"0" * 32):
            with wire.connect(self.path("socket")) as sock:
                sock.sendall(wire.frame(wire.ANSWER, [(wire.TICKET, ticket), (wire.CHOICE, b"y")]))
                self.assertEqual(wire.read_frame(sock)[1][wire.VERDICT], b"\2")


if __name__ == "__main__":
    wire.main()
