#!/usr/bin/env python3
# SPDX-License-Identifier: ISC
"""test_daemon.py: a real bridled, spoken to by an independent client: what it
answers, what it makes of clients that are wrong, slow or silent, its socket,
its policies and how it ends.
"""
import glob
import hashlib
import json
import os
import resource
import signal
import socket
import subprocess
import sys
import time
import unittest

import wire

HERE = os.path.dirname(os.path.abspath(__file__))
GUARDING = {"PreToolUse"}


class Answers(wire.DaemonCase):
    def setUp(self):
        super().setUp()
        self.start()

    def test_verdicts(self):
        self.assertEqual(self.decide("fly status"), "allow")
        self.assertEqual(self.decide("fly deploy -a app-api"), "deny")
        self.assertIn("Deploys go through CI", self.reason)
        self.assertEqual(self.decide("touch x"), "pass")

    def test_records_come_before_answers(self):
        with wire.connect(self.path("socket")) as sock:
            for i in range(20):
                self.ask(self.event("fly deploy --tag %d" % i), sock)
                last = self.records()[-1]
                self.assertEqual((last["event"], last["decision"]), ("decision", "deny"))
                self.assertIn("--tag %d" % i, last["command"])

    def test_recorded_events(self):
        files = sorted(glob.glob(os.path.join(HERE, "..", "events", "*.json")))
        self.assertGreater(len(files), 30)
        for name in files:
            with open(name, "rb") as f:
                payload = f.read()
            event = json.loads(payload)["hook_event_name"]
            with self.subTest(os.path.basename(name)):
                status, out, err = self.ask(payload, event=event.encode())
                if event in GUARDING:
                    self.verdict(status, out, err)
                elif event == "SessionStart":
                    told = json.loads(out)["hookSpecificOutput"]
                    self.assertEqual((status, err, told["hookEventName"]), (0, b"", event))
                    self.assertIn("fly deploy", told["additionalContext"])
                else:
                    self.assertEqual((status, out, err), (0, b"", b""))

    def test_bad_events_ask(self):
        good = self.event("fly status")
        rows = [b"", b"x", b"{}", b"[]", good[:-1], good + b"x", good + good,
                good.replace(b"fly", b"f\xffy"), good.replace(b"fly", b"f\\u0000y"),
                good.replace(b"fly", b"f\0y"), good.replace(b'{"command": "fly status"}', b"7"),
                good.replace(b"PreToolUse", b"PostToolUse"), b"[" * 100000,
                good.replace(b'"tool_name"', b'"tool_name": "Read", "tool_name"')]
        for payload in rows:
            with self.subTest(payload[:80]):
                self.assertEqual(self.verdict(*self.ask(payload)), "ask")
                self.assertEqual(self.records()[-1]["decision"], "ask")
        self.assertEqual(self.decide("fly status"), "allow")
        for payload in rows[:3]:
            self.assertEqual(self.ask(payload, event=b"PostToolUse"), (0, b"", b""))

    def test_unknown_agent_is_not_judged(self):
        with wire.connect(self.path("socket")) as sock:
            sock.sendall(self.request(self.event("fly status"), agent=b"nobody"))
            self.assertEqual(wire.read_frame(sock)[0], wire.ERROR)

    def test_shim_and_daemon(self):
        done = subprocess.run([wire.HOOK, "--deadline=30000"], input=self.event("fly deploy"),
                              env=self.env(), capture_output=True, timeout=60)
        self.assertEqual(self.verdict(done.returncode, done.stdout, done.stderr), "deny")

    def test_control(self):
        status = self.control("status")
        self.assertTrue(status["ok"])
        self.assertTrue(status["policy"]["loaded"])
        self.assertGreaterEqual(status["policy"]["rules"], 2)  # and the built-in ones
        self.assertTrue(status["audit"]["healthy"])
        self.assertEqual(status["pid"], self.daemons[0].pid)
        self.assertFalse(self.control("no such thing")["ok"])
        with wire.connect(self.path("socket")) as sock:
            for line in (b"{}\n", b'{"cmd":7}\n', b'{"cmd":"ping","cmd":"ping"}\n', b"{{{\n"):
                sock.sendall(line)
                self.assertFalse(json.loads(wire.read_line(sock))["ok"])
            sock.sendall(b'{"cmd":"ping"}\n\n{"cmd":"ping"}\n')
            lines = wire.read_line(sock)
            while lines.count(b"\n") < 2:
                lines += wire.read_line(sock)
            self.assertEqual([json.loads(x)["protocol"] for x in lines.splitlines()], [1, 1])


class Clients(wire.DaemonCase):
    """Whatever a client does, the others are answered."""

    def setUp(self):
        super().setUp()
        self.start()

    def tearDown(self):
        self.assertEqual(self.decide("fly status"), "allow")

    def test_pipelined_and_torn(self):
        one = self.request(self.event("fly status"))
        with wire.connect(self.path("socket")) as sock:
            sock.sendall(one * 50)
            for _ in range(50):
                self.assertEqual(wire.read_frame(sock)[0], wire.REPLY)
            for b in one:
                sock.sendall(bytes([b]))
            self.assertEqual(wire.read_frame(sock)[0], wire.REPLY)
            sock.sendall(one + b'{"cmd":"ping"}\n' + one[:20])
            self.assertEqual(wire.read_frame(sock)[0], wire.REPLY)
            self.assertIn(b'"ok":true', wire.read_line(sock))
            sock.sendall(one[20:])
            self.assertEqual(wire.read_frame(sock)[0], wire.REPLY)

    def test_closes_after_the_last(self):
        for command, flags in (("fly status", wire.LAST), ("fly deploy", wire.LAST | 1)):
            with wire.connect(self.path("socket")) as sock:
                sock.sendall(self.request(self.event(command), flags=flags))
                self.assertEqual(wire.read_frame(sock)[0], wire.REPLY)
                self.assertEqual(sock.recv(1), b"")

    def test_large_event(self):
        payload = self.event("fly status # " + "x" * (15 << 20))
        self.assertIn(self.verdict(*self.ask(payload)), ("allow", "pass", "ask"))

    def refused(self, data, shut=False):
        with wire.connect(self.path("socket")) as sock:
            try:
                sock.sendall(data)
            except BrokenPipeError:
                pass  # refused before all was sent; the answer is there
            if shut:
                sock.shutdown(socket.SHUT_WR)
            kind, got = wire.read_frame(sock)
            self.assertEqual(kind, wire.ERROR)
            self.assertGreater(len(got[wire.TEXT]), 10)
            try:
                self.assertEqual(sock.recv(1), b"")
            except ConnectionResetError:
                pass

    def test_garbage(self):
        good = self.request(self.event("fly status"))
        for data in (b"GET / HTTP/1.0\r\n\r\n", b"\0" * 100, b"brdx", good[:4] + b"\2" + good[5:],
                     good[:6] + b"\1" + good[7:], b"brdl\1\1\0\0\xff\xff\xff\xff",
                     wire.frame(99, []), wire.frame(wire.REPLY, []),
                     wire.frame(wire.HOOK_EVENT, [(wire.AGENT, b"a"), (wire.AGENT, b"b")]),
                     b"brdl\1\1\0\0\0\0\0\3abc", b"{" + b"x" * (2 << 20)):
            with self.subTest(data[:40]):
                self.refused(data)
        self.refused(good[:50], shut=True)
        self.refused(good[:5], shut=True)

    def test_half_closed(self):
        with wire.connect(self.path("socket")) as sock:
            sock.sendall(self.request(self.event("fly deploy")))
            sock.shutdown(socket.SHUT_WR)
            self.assertEqual(wire.read_frame(sock)[0], wire.REPLY)

    def test_gone_before_the_answer(self):
        for _ in range(50):
            with wire.connect(self.path("socket")) as sock:
                sock.sendall(self.request(self.event("fly deploy")))

    def test_reader_that_takes_nothing(self):
        """Its own requests wait; nobody else's."""
        with wire.connect(self.path("socket")) as sock:
            sock.setblocking(False)
            data, sent = self.request(self.event("fly deploy")) * 20000, 0
            try:
                while sent < len(data):
                    sent += sock.send(data[sent:])
                    self.assertLess(sent, 60 << 20)
            except BlockingIOError:
                pass
            self.assertEqual(self.decide("fly status"), "allow")

    def test_slow_and_silent_are_closed(self):
        silent, slow = wire.connect(self.path("socket")), wire.connect(self.path("socket"))
        with silent, slow:
            slow.sendall(b"brdl")
            for sock in (silent, slow):
                sock.settimeout(60)
                self.assertEqual(sock.recv(1), b"")

    def test_ten_thousand_connections(self):
        soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
        want = 10000 if hard == resource.RLIM_INFINITY else min(10000, hard - 100)
        resource.setrlimit(resource.RLIMIT_NOFILE, (max(soft, min(want + 100, hard)), hard))
        socks = []
        try:
            for _ in range(want):
                socks.append(wire.connect(self.path("socket")))
            for sock in socks[:: max(1, want // 100)]:
                self.assertEqual(self.verdict(*self.ask(self.event("fly deploy"), sock)), "deny")
            self.assertEqual(self.decide("fly status"), "allow")
            print("%d connections at once ... " % len(socks), end="", flush=True)
        finally:
            for sock in socks:
                sock.close()
            resource.setrlimit(resource.RLIMIT_NOFILE, (soft, hard))

    @unittest.skipUnless(os.getuid() == 0, "needs to become another user")
    def test_other_users_are_refused(self):
        os.chmod(self.folder, 0o755)
        os.chmod(self.path("socket"), 0o666)
        code = ("import os,sys;sys.path.insert(0,%r);import wire,socket\nos.setuid(65534)\n"
                "s=wire.connect(%r);print(wire.read_frame(s))"
                % (HERE, self.path("socket")))
        done = subprocess.run([sys.executable, "-c", code], capture_output=True, timeout=60)
        self.assertIn(b"another user", done.stdout, done.stderr)


class Socket(wire.DaemonCase):
    def second(self, *args):
        return subprocess.run([wire.DAEMON, "--socket", self.path("socket"), "--state", self.path("state"),
                               *args], env=self.env(), capture_output=True, timeout=60)

    def test_modes(self):
        self.start()
        self.assertEqual(os.stat(self.path("socket")).st_mode & 0o777, 0o600)
        for name in ("state", "state/audit", "state/state"):
            self.assertEqual(os.stat(self.path(name)).st_mode & 0o777, 0o700)

    def test_second_daemon(self):
        first = self.start()
        for args in ((), ("--detach",)):
            done = self.second(*args)
            self.assertEqual(done.returncode, 1)
            self.assertIn(b"another bridled answers there already (process %d)" % first.pid, done.stderr)
        self.assertEqual(self.decide("fly status"), "allow")

    def test_stale_socket_is_replaced(self):
        p = self.start()
        p.kill()
        p.wait()
        self.assertTrue(os.path.exists(self.path("socket")))
        self.start()
        self.assertEqual(self.decide("fly status"), "allow")

    def test_strangers_are_left_alone(self):
        with open(self.path("socket"), "w") as f:
            f.write("precious")
        done = self.second()
        self.assertEqual(done.returncode, 1)
        self.assertIn(b"no socket", done.stderr)
        with open(self.path("socket")) as f:
            self.assertEqual(f.read(), "precious")
        os.unlink(self.path("socket"))
        with socket.socket(socket.AF_UNIX) as other:
            other.bind(self.path("socket"))
            other.listen()
            done = self.second()
        self.assertEqual(done.returncode, 1)
        self.assertIn(b"another daemon answers", done.stderr)

    @unittest.skipUnless(os.getuid() == 0, "needs to become another user")
    def test_squatted_places(self):
        """Another user was first at the place: nobody starts, nobody believes."""
        os.mkdir(self.path("run"), 0o755)
        os.mkdir(self.path("run/bridle"), 0o755)
        os.chown(self.path("run/bridle"), 65534, 65534)
        env = self.env(BRIDLE_SOCKET=None, XDG_RUNTIME_DIR=self.path("run"))
        done = subprocess.run([wire.DAEMON], env=env, capture_output=True, timeout=60)
        self.assertEqual(done.returncode, 1)
        self.assertIn(b"another user", done.stderr)
        code = ("import os,sys;sys.path.insert(0,%r);import wire,time\nos.setuid(65534)\n"
                "d=wire.Scripted(%r,lambda c:c.sendall(wire.reply(b'{}')))\nprint(flush=True);time.sleep(60)"
                % (HERE, self.path("run/bridle")))
        os.chmod(self.folder, 0o755)
        squatter = subprocess.Popen([sys.executable, "-c", code], stdout=subprocess.PIPE)
        try:
            squatter.stdout.readline()
            done = subprocess.run([wire.HOOK], input=self.event("fly status"), env=env,
                                  capture_output=True, timeout=60)
            self.assertEqual(self.verdict(done.returncode, done.stdout, done.stderr), "ask")
            self.assertIn("another user", self.reason)
            print("2 squatters ... ", end="", flush=True)
        finally:
            squatter.kill()
            squatter.wait()
            squatter.stdout.close()

    def test_path_too_long(self):
        done = subprocess.run([wire.DAEMON, "--socket", "/tmp/" + "x" * 120], env=self.env(),
                              capture_output=True, timeout=60)
        self.assertEqual(done.returncode, 1)
        self.assertIn(b"too long", done.stderr)

    def test_usage(self):
        for args in (["--nope"], ["--policy"], ["--socket="], ["x"]):
            done = subprocess.run([wire.DAEMON, *args], env=self.env(), capture_output=True, timeout=60)
            self.assertEqual(done.returncode, 2)
            self.assertIn(b"usage:", done.stderr)
        done = subprocess.run([wire.DAEMON, "--version"], env=self.env(), capture_output=True, timeout=60)
        self.assertEqual((done.returncode, done.stdout[:8]), (0, b"bridled "))

    def detached(self):
        return self.control("status")["pid"]

    def end(self, pid):
        os.kill(pid, signal.SIGTERM)
        while os.path.exists(self.path("socket")):
            time.sleep(0.01)

    def test_detach_is_ready_when_it_returns(self):
        done = self.second("--detach", "--policy", self.path("fly.policy"))
        self.assertEqual((done.returncode, done.stdout), (0, b""))
        pid = self.detached()
        try:
            self.assertEqual(self.decide("fly deploy"), "deny")
            self.assertTrue(os.path.exists(self.path("state", "bridled.log")))
        finally:
            self.end(pid)

    def test_shims_start_one_daemon(self):
        self.write("config/bridle/policy", self.POLICY)
        shims = [subprocess.Popen([wire.HOOK, "--deadline=60000"], stdin=subprocess.PIPE, env=self.env(),
                                  stdout=subprocess.PIPE, stderr=subprocess.PIPE) for _ in range(12)]
        try:
            outs = [p.communicate(self.event("fly deploy"), timeout=90) for p in shims]
        finally:
            pid = self.detached()
            self.end(pid)
        for p, (out, err) in zip(shims, outs):
            self.assertEqual(self.verdict(p.returncode, out, err), "deny")
        starts = [r for r in self.records_of("state/bridle") if r["event"] == "start"]
        self.assertEqual([r["pid"] for r in starts], [pid])

    def records_of(self, state):
        os.rename(self.path(state), self.path("moved"))
        os.rename(self.path("moved"), self.path("state.d"))
        os.rename(self.path("state"), self.path("old"))
        os.rename(self.path("state.d"), self.path("state"))
        return self.records()

    def test_service_manager(self):
        """A socket handed over as descriptor 3, and a datagram when ready."""
        with socket.socket(socket.AF_UNIX) as listener, \
                socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as notify:
            listener.bind(self.path("socket"))
            listener.listen(16)
            notify.bind(self.path("notify"))
            notify.settimeout(60)
            wrapper = ["sh", "-c", 'exec env LISTEN_PID=$$ LISTEN_FDS=1 "$@"', "sh"]
            os.set_inheritable(listener.fileno(), True)
            argv = [wire.DAEMON, "--state", self.path("state"), "--policy", self.path("fly.policy")]
            p = subprocess.Popen(
                ["sh", "-c", "exec 3<&%d; LISTEN_PID=$$ LISTEN_FDS=1 exec \"$@\"" % listener.fileno(), "sh",
                 *argv], env=self.env(NOTIFY_SOCKET=self.path("notify")), stdin=subprocess.DEVNULL,
                stderr=subprocess.DEVNULL, pass_fds=[listener.fileno()])
            self.daemons.append(p)
            self.assertEqual(notify.recv(100), b"READY=1")
            self.assertEqual(self.decide("fly deploy"), "deny")
            p.terminate()
            self.assertEqual(notify.recv(100), b"STOPPING=1")
            self.assertEqual(p.wait(30), 0)
            self.assertTrue(os.path.exists(self.path("socket")))  # the manager's own


class Policies(wire.DaemonCase):
    def test_change_is_noticed_at_once(self):
        self.start()
        for i in range(20):
            self.write("fly.policy", "version 1\n%s fly status\n    because %d\n" % (("deny", "ask")[i % 2], i))
            self.assertEqual(self.decide("fly status"), ("deny", "ask")[i % 2])

    def test_bad_policy_never_replaces_a_good_one(self):
        p = self.start()
        bad = [lambda f: self.write(f, "version 1\nallwo fly deploy\n"), lambda f: self.write(f, ""),
               lambda f: (os.unlink(self.path(f)), os.mkfifo(self.path(f))),
               lambda f: (os.unlink(self.path(f)), os.mkdir(self.path(f))),
               lambda f: os.rmdir(self.path(f)),
               lambda f: self.write(f, "version 1\n" + "# x\n" * (2 << 20))]
        for number, spoil in enumerate(bad):
            with self.subTest(number):
                spoil("fly.policy")
                self.assertEqual(self.decide("fly deploy"), "deny")
                status = self.control("status")
                self.assertTrue(status["policy"]["loaded"])
                self.assertTrue(status["policy"]["failed"]["errors"])
        failures = lambda: [r["event"] for r in self.records()].count("reload-failed")
        before = failures()
        self.assertGreaterEqual(before, 3)
        p.send_signal(signal.SIGHUP)  # which is loud even if nothing has changed
        while failures() == before:
            self.assertEqual(self.decide("fly deploy"), "deny")
        self.write("fly.policy", self.POLICY)
        self.assertNotIn("failed", self.control("status")["policy"])
        print("%d bad policies ... " % len(bad), end="", flush=True)

    def test_sighup_and_reload_load_anew(self):
        p = self.start()
        before = len(self.records())
        self.assertTrue(self.control("reload")["policy"]["loaded"])
        p.send_signal(signal.SIGHUP)
        while len([r for r in self.records()[before:] if r["event"] == "reload"]) < 2:
            time.sleep(0.01)

    def test_never_a_good_one(self):
        self.write("fly.policy", "nonsense\n")
        self.start()
        self.assertEqual(self.decide("fly status"), "ask")
        self.assertEqual(self.decide("ls"), "pass")
        self.assertFalse(self.control("status")["policy"]["loaded"])
        self.write("fly.policy", self.POLICY)
        self.assertEqual(self.decide("fly status"), "allow")

    def test_usual_places_and_projects(self):
        self.write("config/bridle/policy", self.POLICY)
        self.write("project/.bridle/policy", "version 1\ndeny npm publish\n    because No.\n")
        project = self.env(CLAUDE_PROJECT_DIR=self.path("project"))
        self.start(policy=False)

        def decide(command):
            return self.verdict(*self.ask(self.event(command), env=project))
        self.assertEqual(decide("npm publish"), "deny")
        self.assertEqual(decide("fly deploy"), "deny")
        self.assertEqual(self.decide("npm publish"), "pass")
        self.write("project/.bridle/policy", "version 1\ndeny npm audit\n    because No.\n")
        self.assertEqual(decide("npm publish"), "pass")
        self.assertEqual(decide("npm audit"), "deny")
        self.write("config/bridle/policy.d/more.policy", "version 1\ndeny npm ci\n    because No.\n")
        self.assertEqual(decide("npm ci"), "deny")
        self.assertEqual(self.decide("npm ci"), "deny")

    def test_projects_own_policy_is_broken(self):
        self.write("config/bridle/policy", self.POLICY)
        text = "version 1\ndeny fly deplyo\n    because No.\n"
        self.write("project/.bridle/policy", text)
        # Trusted, so that its errors count; see src/local/trust.c.
        self.write("state/state/trust", "%s %s\n" % (hashlib.blake2b(text.encode(), digest_size=32).hexdigest(),
                                                    self.path("project/.bridle/policy")))
        project = self.env(CLAUDE_PROJECT_DIR=self.path("project"))
        self.start(policy=False)
        rows = {"fly deploy": "deny", "fly status": "ask", "ls": "pass"}
        for command, want in rows.items():
            self.assertEqual(self.verdict(*self.ask(self.event(command), env=project)), want)
        self.assertEqual(self.decide("fly status"), "allow")

    def test_monitor(self):
        self.start("--monitor")
        self.assertEqual(self.decide("fly deploy"), "pass")
        self.assertTrue(self.control("status")["monitor"])


class Sessions(wire.DaemonCase):
    def settings(self, name, hooked=True, **more):
        hooks = {"PreToolUse": [{"matcher": "Bash", "hooks": [
            {"type": "command", "command": "/x/bridle-hook", "args": ["PreToolUse"]}]}]}
        self.write(name, json.dumps(dict(more, **({"hooks": hooks} if hooked else {}))))

    def change(self, name="user_settings"):
        payload = json.dumps({"hook_event_name": "ConfigChange", "session_id": "s1", "cwd": self.folder,
                              "source": name}).encode()
        return self.ask(payload, event=b"ConfigChange", env=self.env(CLAUDE_PROJECT_DIR=self.path("project")))

    def test_settings_that_drop_our_hook(self):
        self.start()
        os.makedirs(self.path("project"))
        self.settings(".claude/settings.json")
        self.settings("project/.claude/settings.json", hooked=False)
        self.assertEqual(self.change(), (0, b"", b""))
        self.settings("project/.claude/settings.json", hooked=False, model="x")
        self.assertEqual(self.change(), (0, b"", b""))
        self.settings("project/.claude/settings.json", hooked=False, disableAllHooks=True)
        status, out, err = self.change()
        self.assertEqual((status, out), (2, b""))
        self.assertIn(b"disableAllHooks", err)
        os.unlink(self.path("project/.claude/settings.json"))
        self.settings(".claude/settings.json", hooked=False)
        status, out, err = self.change()
        self.assertEqual((status, out), (2, b""))
        self.assertIn(b"no longer holds", err)
        self.settings(".claude/settings.json")
        self.assertEqual(self.change(), (0, b"", b""))


class Ends(wire.DaemonCase):
    def test_stops_whole(self):
        for number in (signal.SIGTERM, signal.SIGINT):
            p = self.start()
            with wire.connect(self.path("socket")) as idle:
                self.ask(self.event("fly deploy"), idle)
                p.send_signal(number)
                self.assertEqual(p.wait(30), 0)
                self.assertEqual(idle.recv(1), b"")
            self.assertFalse(os.path.exists(self.path("socket")))
            self.assertEqual(self.records()[-1]["event"], "stop")

    def test_what_is_on_its_way_is_delivered(self):
        p = self.start()
        with wire.connect(self.path("socket")) as sock:
            sock.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
            data, sent = self.request(self.event("fly deploy")) * 2000, 0
            sock.setblocking(False)
            try:
                while sent < len(data):
                    sent += sock.send(data[sent:])
            except BlockingIOError:
                pass
            p.terminate()
            sock.setblocking(True)
            sock.settimeout(30)
            got = bytearray()
            try:
                while True:
                    more = sock.recv(65536)
                    if not more:
                        break
                    got += more
            except ConnectionResetError:
                pass
        self.assertEqual(p.wait(30), 0)
        frames = 0
        while got:
            size = 12 + int.from_bytes(got[8:12], "big")
            self.assertLessEqual(size, len(got), "a torn reply")
            got = got[size:]
            frames += 1
        denies = len([r for r in self.records() if r.get("decision") == "deny"])
        self.assertEqual(frames, denies)


if __name__ == "__main__":
    wire.main()
