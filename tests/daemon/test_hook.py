#!/usr/bin/env python3
# SPDX-License-Identifier: ISC
"""test_hook.py: the shim against scripted daemons, good and bad. Whatever they
do, a guarded event ends in one whole JSON answer or in exit status 2.
"""
import json
import os
import shutil
import signal
import socket
import subprocess
import time
import unittest

import wire

EVENT = b'{"hook_event_name":"PreToolUse","tool_name":"Bash","tool_input":{"command":"fly status"}}'
ALLOW = (b'{"hookSpecificOutput":{"hookEventName":"PreToolUse","permissionDecision":"allow",'
         b'"permissionDecisionReason":"reads only"}}\n')


class HookCase(wire.Case):
    def setUp(self):
        super().setUp()
        # Alone in its folder, so that it finds no daemon to start.
        self.hook = shutil.copy(wire.HOOK, self.path("bridle-hook"))

    def daemon(self, act):
        daemon = wire.Scripted(self.folder, act)
        self.addCleanup(daemon.close)
        return daemon

    def run_hook(self, *args, stdin=EVENT, env=None, **kw):
        if not any(a.startswith("--deadline") for a in args):
            args += ("--deadline=30000",)
        return subprocess.run([self.hook, *args], input=stdin, env=env or self.env(),
                              stdout=subprocess.PIPE, stderr=subprocess.PIPE, timeout=30, **kw)

    def decision(self, done):
        self.assertEqual(done.returncode, 0, done)
        out = json.loads(done.stdout)["hookSpecificOutput"]
        self.assertEqual(out["hookEventName"], "PreToolUse")
        self.assertGreater(len(out["permissionDecisionReason"]), 20)
        return out["permissionDecision"]


class Answers(HookCase):
    def test_request_and_reply(self):
        d = self.daemon(lambda c: c.sendall(wire.reply(ALLOW, b"note\n", 0)))
        done = self.run_hook("PreToolUse", env=self.env(SOME="thing"), cwd=self.folder)
        self.assertEqual((done.returncode, done.stdout, done.stderr), (0, ALLOW, b"note\n"))
        kind, got = d.seen[0]
        self.assertEqual(kind, wire.HOOK_EVENT)
        self.assertEqual(got[wire.AGENT], b"claude")
        self.assertEqual(got[wire.EVENT], b"PreToolUse")
        self.assertEqual(got[wire.PAYLOAD], EVENT)
        self.assertEqual(got[wire.CWD], os.fsencode(os.path.realpath(self.folder)))
        self.assertIn(b"SOME=thing", got[wire.ENV].split(b"\0"))
        self.assertEqual(got[wire.FLAGS], bytes([wire.LAST]))
        self.assertRegex(got[wire.RELEASE], rb"^\d+\.\d+\.\d+")

    def test_status_is_passed_on(self):
        self.daemon(lambda c: c.sendall(wire.reply(b"", b"no\n", 2)))
        done = self.run_hook("ConfigChange")
        self.assertEqual((done.returncode, done.stdout, done.stderr), (2, b"", b"no\n"))

    def test_reply_in_single_bytes(self):
        def act(conn):
            for b in wire.reply(ALLOW):
                conn.sendall(bytes([b]))
        self.daemon(act)
        self.assertEqual(self.run_hook().stdout, ALLOW)

    def test_large_events(self):
        d = self.daemon(lambda c: c.sendall(wire.reply(ALLOW)))
        for size in (0, 100_000, 4_000_000, 16 << 20):
            done = self.run_hook(stdin=b"x" * size)
            self.assertEqual(done.stdout, ALLOW)
            self.assertEqual(len(d.seen[-1][1][wire.PAYLOAD]), size)

    def test_too_large_is_denied(self):
        d = self.daemon(lambda c: c.sendall(wire.reply(ALLOW)))
        self.assertEqual(self.decision(self.run_hook(stdin=b"x" * ((16 << 20) + 1))), "deny")
        self.assertEqual(d.seen, [])

    def test_stdin_file_socket_and_closed(self):
        d = self.daemon(lambda c: c.sendall(wire.reply(ALLOW)))
        with open(self.path("event"), "wb") as f:
            f.write(EVENT)
        with open(self.path("event"), "rb") as f:
            done = subprocess.run([self.hook], stdin=f, env=self.env(), capture_output=True)
        self.assertEqual((done.stdout, d.seen[-1][1][wire.PAYLOAD]), (ALLOW, EVENT))
        ours, theirs = socket.socketpair()
        with ours, theirs:
            ours.sendall(EVENT)
            ours.shutdown(socket.SHUT_WR)
            done = subprocess.run([self.hook], stdin=theirs, env=self.env(), capture_output=True)
        self.assertEqual((done.stdout, d.seen[-1][1][wire.PAYLOAD]), (ALLOW, EVENT))
        done = subprocess.run(["sh", "-c", '"$0" <&-', self.hook], env=self.env(), capture_output=True)
        self.assertEqual((done.stdout, d.seen[-1][1][wire.PAYLOAD]), (ALLOW, b""))
        done = subprocess.run(["sh", "-c", '"$0" <.', self.hook], cwd=self.folder, env=self.env(),
                              capture_output=True)
        self.assertEqual((done.stdout, d.seen[-1][1][wire.PAYLOAD]), (ALLOW, b""))

    def test_environment_is_bounded(self):
        d = self.daemon(lambda c: c.sendall(wire.reply(ALLOW)))
        env = self.env(LAST="1", **{"V%02d" % i: "x" * 100_000 for i in range(15)})
        self.assertEqual(self.run_hook(env=env).stdout, ALLOW)
        got = d.seen[0][1]
        self.assertLessEqual(len(got[wire.ENV]), 1 << 20)
        self.assertEqual(got[wire.FLAGS], bytes([wire.LAST | 1]))


class Output(HookCase):
    """An answer that cannot be delivered whole is a refusal."""

    def setUp(self):
        super().setUp()
        self.daemon(lambda c: c.sendall(wire.reply(ALLOW)))

    def shell(self, line):
        return subprocess.run(["sh", "-c", line, self.hook], input=EVENT, env=self.env(),
                              stdout=subprocess.PIPE, stderr=subprocess.PIPE, timeout=30)

    def test_stdout_closed(self):
        done = self.shell('"$0" >&-')
        self.assertEqual(done.returncode, 2)
        self.assertIn(b"refused", done.stderr)

    def test_all_closed(self):
        self.assertEqual(self.shell('"$0" <&- >&- 2>&-').returncode, 2)

    @unittest.skipUnless(os.path.exists("/dev/full"), "no /dev/full here")
    def test_stdout_full(self):
        self.assertEqual(self.shell('"$0" >/dev/full').returncode, 2)

    def test_reader_gone(self):
        r, w = os.pipe()
        os.close(r)
        done = subprocess.run([self.hook], input=EVENT, env=self.env(), stdout=w,
                              stderr=subprocess.PIPE, timeout=30)
        os.close(w)
        self.assertEqual(done.returncode, 2)

    def test_full_pipe(self):
        r, w = os.pipe()
        os.set_blocking(w, False)
        try:
            while os.write(w, b"x" * 4096):
                pass
        except BlockingIOError:
            pass
        os.set_blocking(w, True)
        done = subprocess.run([self.hook, "--deadline", "300"], input=EVENT, env=self.env(),
                              stdout=w, stderr=subprocess.PIPE, timeout=30)
        os.close(w)
        os.close(r)
        self.assertEqual(done.returncode, 2)


class Fallbacks(HookCase):
    def test_nobody_there(self):
        done = self.run_hook()
        self.assertEqual(self.decision(done), "ask")
        self.assertIn(b"bridled --detach", done.stdout)

    def test_on_failure(self):
        self.assertEqual(self.decision(self.run_hook("--on-failure", "deny")), "deny")
        self.assertEqual(self.decision(self.run_hook("--on-failure=ask")), "ask")
        done = self.run_hook("--on-failure=pass")
        self.assertEqual((done.returncode, done.stdout), (0, b""))

    def test_other_events_pass_in_silence(self):
        for event in ("SessionStart Setup UserPromptSubmit UserPromptExpansion PermissionRequest PermissionDenied "
                      "PostToolUse PostToolUseFailure PostToolBatch Notification MessageDisplay SubagentStart "
                      "SubagentStop TaskCreated TaskCompleted Stop StopFailure TeammateIdle InstructionsLoaded "
                      "ConfigChange CwdChanged DirectoryAdded FileChanged WorktreeCreate WorktreeRemove PreCompact "
                      "PostCompact Elicitation ElicitationResult SessionEnd").split():
            done = self.run_hook(event)
            self.assertEqual((done.returncode, done.stdout, done.stderr), (0, b"", b""))

    def test_unknown_event_or_agent_is_refused(self):
        for args in (["PreToolUze"], ["--agent", "nobody"], ["--agent=nobody", "--on-failure=deny"]):
            done = self.run_hook(*args)
            self.assertEqual((done.returncode, done.stdout), (2, b""))
            self.assertIn(b"could not judge", done.stderr)

    def test_bad_usage_is_refused(self):
        for args in (["--nope"], ["--deadline"], ["--deadline", "x"], ["--deadline=1"], [""],
                     ["--deadline=99999999999999999999"], ["--on-failure=allow"], ["A", "B"]):
            done = subprocess.run([self.hook, *args], env=self.env(), capture_output=True)
            self.assertEqual((done.returncode, done.stdout), (2, b""), args)
            self.assertIn(b"usage:", done.stderr)

    def test_silent_daemon(self):
        self.daemon(lambda c: time.sleep(1))
        start = time.monotonic()
        done = self.run_hook("--deadline", "200")
        self.assertLess(time.monotonic() - start, 10)
        self.assertEqual(self.decision(done), "ask")
        self.assertIn(b"in time", done.stdout)

    def test_agent_that_never_ends_the_event(self):
        self.daemon(lambda c: c.sendall(wire.reply(ALLOW)))
        r, w = os.pipe()
        os.write(w, EVENT)
        done = subprocess.run([self.hook, "--deadline=200"], stdin=r, env=self.env(),
                              capture_output=True, timeout=30)
        os.close(r)
        os.close(w)
        self.assertEqual(self.decision(done), "ask")

    def bad_reply(self, data):
        d = self.daemon(lambda c: c.sendall(data))
        done = self.run_hook("--deadline", "1000")
        d.close()
        os.unlink(d.path)
        return self.decision(done), done.stdout

    def test_bad_replies(self):
        good = wire.reply(ALLOW)
        rows = [
            (b"HTTP/1.1 200 OK\r\n\r\n", b"protocol"),
            (b"{}\n" + b" " * 20, b"protocol"),
            (good + b"x", b"protocol"),
            (good[:4] + b"\2" + good[5:], b"another version"),
            (b"brdl\1\x80\0\0\xff\xff\xff\xff", b"protocol"),
            (b"brdl\1\x80\0\1\0\0\0\0", b"protocol"),
            (wire.frame(wire.REPLY, []), b"protocol"),
            (wire.frame(wire.REPLY, [(wire.STATUS, b"")]), b"protocol"),
            (wire.frame(wire.REPLY, [(wire.STATUS, b"\0"), (wire.STATUS, b"\0")]), b"protocol"),
            (wire.frame(wire.HOOK_EVENT, [(wire.STATUS, b"\0")]), b"protocol"),
            (wire.frame(wire.ERROR, [(wire.TEXT, b"busy")]), b"refused"),
        ]
        for data, word in rows:
            with self.subTest(data=data):
                decision, out = self.bad_reply(data)
                self.assertEqual(decision, "ask")
                self.assertIn(word, out)

    def test_daemon_that_dies_each_time(self):
        for cut in (0, 1, 11, 12, 20):
            with self.subTest(cut=cut):
                decision, _ = self.bad_reply(wire.reply(ALLOW)[:cut])
                self.assertEqual(decision, "ask")

    def test_daemon_that_dies_once(self):
        calls = []

        def act(conn):
            calls.append(1)
            conn.sendall(wire.reply(ALLOW)[:30 if len(calls) == 1 else None])
        self.daemon(act)
        self.assertEqual(self.run_hook().stdout, ALLOW)
        self.assertEqual(len(calls), 2)

    def test_path_too_long(self):
        done = self.run_hook(env=self.env(BRIDLE_SOCKET="/tmp/" + "x" * 200))
        self.assertEqual(self.decision(done), "ask")
        self.assertIn(b"too long", done.stdout)

    def test_socket_is_no_socket(self):
        for make in (lambda p: open(p, "w").close(), os.mkdir):
            make(self.path("thing"))
            done = self.run_hook(env=self.env(BRIDLE_SOCKET=self.path("thing")))
            self.assertEqual(self.decision(done), "ask")
            os.unlink(self.path("thing")) if os.path.isfile(self.path("thing")) else os.rmdir(self.path("thing"))

    def test_signals_refuse(self):
        d = self.daemon(lambda c: c.recv(1))
        signals = (signal.SIGTERM, signal.SIGINT, signal.SIGHUP, signal.SIGSEGV, signal.SIGALRM)
        for number_of, number in enumerate(signals, 1):
            p = subprocess.Popen([self.hook], stdin=subprocess.PIPE, stdout=subprocess.PIPE,
                                 stderr=subprocess.PIPE, env=self.env())
            p.stdin.write(EVENT)
            p.stdin.close()
            while len(d.seen) < number_of:  # it waits for its answer
                time.sleep(0.01)
            p.send_signal(number)
            out, err = p.stdout.read(), p.stderr.read()
            p.wait(30)
            self.assertEqual((p.returncode, out), (2, b""))
            self.assertIn(b"refused", err)


class Addresses(HookCase):
    def listen_at(self, *names):
        os.makedirs(self.path(*names[:-1]), mode=0o700)
        d = wire.Scripted(self.path(*names[:-1]), lambda c: c.sendall(wire.reply(ALLOW)))
        self.addCleanup(d.close)

    def test_runtime_dir(self):
        self.listen_at("run", "bridle", "socket")
        env = self.env(BRIDLE_SOCKET=None, XDG_RUNTIME_DIR=self.path("run"))
        self.assertEqual(self.run_hook(env=env).stdout, ALLOW)

    def test_given_before_runtime_dir(self):
        self.listen_at("run", "bridle", "socket")
        env = self.env(XDG_RUNTIME_DIR=self.path("run"))
        self.assertEqual(self.decision(self.run_hook(env=env)), "ask")
        env["BRIDLE_SOCKET"] = ""
        self.assertEqual(self.run_hook(env=env).stdout, ALLOW)


if __name__ == "__main__":
    wire.main()
