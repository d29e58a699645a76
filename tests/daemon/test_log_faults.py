#!/usr/bin/env python3
# SPDX-License-Identifier: ISC
"""test_log_faults.py: the audit log while things break around it: no room, its
folder gone or another's, a tail torn, segments packed, damaged and read while
they turn over.
"""
import hashlib
import json
import os
import random
import resource
import shutil
import signal
import subprocess
import time
import unittest

import wire

BRIDLE = os.path.join(wire.BUILD, "bin", "bridle")


class Log(wire.DaemonCase):
    def bridle(self, *words):
        done = subprocess.run([BRIDLE, *words, "--state", self.path("state")], env=self.env(), timeout=60,
                              stdin=subprocess.DEVNULL, capture_output=True, check=False)
        return done.returncode, (done.stdout + done.stderr).decode()

    def audit(self, *names):
        return self.path("state", "audit", *names)

    def until(self, good, why):
        end = time.monotonic() + 60
        while not good():
            self.assertLess(time.monotonic(), end, why)
            self.control("ping")
            time.sleep(0.05)

    def settings(self, *lines):
        self.write("fly.policy", self.POLICY + "".join("set %s\n" % line for line in lines))

    def stop(self):
        self.stop_all()

    def full(self):
        limit = lambda: resource.setrlimit(resource.RLIMIT_FSIZE, (20000, 20000))
        self.start(preexec_fn=limit)
        with wire.connect(self.path("socket")) as sock:
            return [self.verdict(*self.ask(self.event("fly status"), sock)) for _ in range(100)]

    def test_disk_full_as_set(self):
        for value, after in ((None, "allow"), ("no", "allow"), ("yes", "ask"), ("deny", "deny")):
            with self.subTest(value):
                shutil.rmtree(self.path("state"), ignore_errors=True)
                self.settings(*(["audit.required " + value] if value else []))
                seen = self.full()
                self.assertEqual((seen[0], seen[-1]), ("allow", after))
                status = self.control("status")["audit"]
                self.assertFalse(status["healthy"])
                self.assertIn("cannot be written", status["why"])
                if after != "allow":
                    self.assertIn("audit.required", self.reason)
                    self.assertEqual(seen.count("allow"), len([r for r in self.records() if "decision" in r]))
                self.stop()
                self.assertEqual(self.bridle("log", "verify")[0], 0)

    def test_folder_removed(self):
        self.start()
        for i in range(5):
            self.decide("fly deploy %d" % i)
        shutil.rmtree(self.audit())
        self.assertEqual(self.decide("fly deploy after"), "deny")
        self.until(lambda: "fly deploy after" in self.written(), "what came after is not in the new log")
        events = [(r["seq"], r["event"]) for r in self.records()]
        self.assertEqual(events[0][1], "reopen")
        self.assertEqual({e for _, e in events[1:]}, {"decision"})  # with those just before, if any
        self.assertGreater(events[0][0], 6)
        self.assertTrue(self.control("status")["audit"]["healthy"])
        self.assertIn("removed", self.log_text())
        status, said = self.bridle("log", "verify")
        self.assertEqual(status, 1)
        self.assertIn("are missing", said)

    def at_once(self, p, n, meanwhile=lambda: None):
        """Sends n events, each on a connection of its own, while the daemon stands still, and
        returns the answers."""
        socks = [wire.connect(self.path("socket")) for _ in range(n)]
        for sock in socks:
            self.addCleanup(sock.close)
            self.ask(self.event("fly status"), sock)
        p.send_signal(signal.SIGSTOP)
        os.waitpid(p.pid, os.WUNTRACED)
        for i, sock in enumerate(socks):
            sock.sendall(self.request(self.event("fly deploy %d" % i)))
        meanwhile()
        p.send_signal(signal.SIGCONT)
        return [wire.read_frame(sock) for sock in socks]

    def written(self):
        if not os.path.exists(self.audit()):
            return []
        return sorted(r["command"] for r in self.records() if r.get("command", "").startswith("fly deploy"))

    def test_batch(self):
        """What comes at once is written at once, before its answers leave."""
        p = self.start()
        calls = "/proc/%d/io" % p.pid
        counts = []

        def count():
            try:  # on Linux, and as root: the daemon hides itself from others
                with open(calls) as f:
                    counts.append(int(f.read().split("syscw: ")[1].split()[0]))
            except OSError:
                pass
        for kind, _ in self.at_once(p, 20, count):
            self.assertEqual(kind, wire.REPLY)
        self.assertEqual(self.written(), sorted("fly deploy %d" % i for i in range(20)))
        self.until(lambda: self.bridle("log", "verify")[0] == 0, "the chain is not whole")
        count()
        if counts:  # 20 answers and a few writes, where one by one there were 20 of the log and 20 of its head
            self.assertLess(counts[-1] - counts[0], 50)

    def test_batch_into_a_folder_that_is_gone(self):
        p = self.start()
        for kind, got in self.at_once(p, 20, lambda: shutil.rmtree(self.audit())):
            self.assertEqual(kind, wire.REPLY)
            self.assertEqual(self.verdict(got[wire.STATUS][0], got[wire.OUT], got[wire.ERR]), "deny")
        self.until(lambda: self.written() == sorted("fly deploy %d" % i for i in range(20)), "some are missing")

    def test_removed_under_load(self):
        """None of the records since the daemon last looked for its log is lost."""
        self.start()
        with wire.connect(self.path("socket")) as sock:
            for i in range(300):
                if i == 150:
                    shutil.rmtree(self.audit())
                self.ask(self.event("fly deploy %d" % i), sock)
        self.until(lambda: "fly deploy 299" in self.written(), "the last is missing")
        seen = [r["command"] for r in self.records() if "command" in r]
        self.assertEqual(seen, ["fly deploy %d" % i for i in range(300 - len(seen), 300)])
        self.assertGreaterEqual(len(seen), 150)

    def test_removed_and_required(self):
        self.settings("audit.required deny")
        self.start()
        with wire.connect(self.path("socket")) as sock:
            self.ask(self.event("fly status"), sock)
            shutil.rmtree(self.audit())
            self.ask(self.event("fly status"), sock)
            self.assertEqual([r["event"] for r in self.records()], ["reopen", "decision"])

    def test_head_follows(self):
        """Under load the head stays behind a little, and then comes up with the log."""
        p = self.start()
        with wire.connect(self.path("socket")) as sock:
            for i in range(100):
                self.ask(self.event("fly deploy %d" % i), sock)
        last = self.records()[-1]["seq"]

        def head():
            with open(self.path("state", "state", "audit-head")) as f:
                return int(f.read().split()[0])
        self.until(lambda: head() == last, "the head stays behind")
        with open(self.path("state", "state", "audit-head")) as f:
            behind = f.read()
        with wire.connect(self.path("socket")) as sock:
            for i in range(100):
                self.ask(self.event("fly deploy %d" % i), sock)
            p.kill()
            p.wait()
        self.assertEqual(len(self.written()), 200)
        self.assertEqual(self.bridle("log", "verify")[0], 0)
        with open(self.path("state", "state", "audit-head"), "w") as f:
            f.write(behind)  # as if it had stayed there all along
        self.start()
        self.decide("fly deploy more")
        with open(self.audit("0000000000000001.jsonl"), "rb") as f:
            lines = f.read().splitlines()
        for before, line in zip(lines, lines[1:]):
            self.assertEqual(json.loads(line)["prev"], hashlib.blake2b(before, digest_size=32).hexdigest())
        self.assertEqual(len(self.written()), 201)
        self.assertEqual(self.bridle("log", "verify")[0], 0)

    def test_folder_moved_away(self):
        self.start()
        self.decide("fly deploy before")
        os.rename(self.audit(), self.path("moved"))
        self.until(lambda: os.path.exists(self.audit("id")), "the folder is not made anew")
        self.decide("fly deploy after")
        self.assertEqual([r["event"] for r in self.records()], ["reopen", "decision"])

    def test_two_daemons_one_folder(self):
        self.start()
        self.decide("fly deploy")
        with open(self.path("log2"), "wb") as log:
            p = subprocess.Popen([wire.DAEMON, "--socket", self.path("socket2"), "--state", self.path("state"),
                                  "--policy", self.path("fly.policy")], env=self.env(), stdin=subprocess.DEVNULL,
                                 stdout=log, stderr=log)
            self.daemons.append(p)
        sock = None
        while sock is None:
            self.assertIsNone(p.poll())
            try:
                sock = wire.connect(self.path("socket2"))
            except OSError:
                time.sleep(0.02)
        with sock:
            sock.sendall(b'{"cmd":"status"}\n')
            audit = json.loads(wire.read_line(sock))["audit"]
            self.assertFalse(audit["healthy"])
            self.assertIn("another daemon", audit["why"])
            before = len(self.records())
            self.assertEqual(self.verdict(*self.ask(self.event("fly deploy two"), sock)), "deny")
            self.assertEqual(len(self.records()), before)
        self.assertTrue(self.control("status")["audit"]["healthy"])

    def test_copied_folder(self):
        self.start()
        self.decide("fly deploy")
        self.stop()
        with open(self.audit("id"), "w") as f:
            f.write("0123456789abcdef" * 2)
        self.start()
        audit = self.control("status")["audit"]
        self.assertFalse(audit["healthy"])
        self.assertIn("copied or replaced", audit["why"])
        os.rename(self.audit(), self.path("other"))
        self.until(lambda: self.control("status")["audit"]["healthy"], "it is not tried again")

    def test_torn_tail(self):
        p = self.start()
        self.decide("fly deploy one")
        p.kill()
        p.wait()
        name = self.audit("0000000000000001.jsonl")
        with open(name, "ab") as f:
            f.write(b'{"v":1,"seq":99,"ti')
        self.start()
        self.decide("fly deploy two")
        torn = [n for n in os.listdir(self.audit()) if n.startswith("torn-")]
        with open(self.audit(torn[0]), "rb") as f:
            self.assertEqual(f.read(), b'{"v":1,"seq":99,"ti')
        self.assertEqual(self.bridle("log", "verify")[0], 0)

    def turn_over(self, n=60):
        """Small segments, so that they turn over and are packed."""
        self.settings("audit.segment 2k", "audit.sync never")
        self.start()
        with wire.connect(self.path("socket")) as sock:
            for i in range(n):
                self.ask(self.event("fly deploy %d" % i), sock)
                if i % 20 == 0:
                    self.control("ping")
                    time.sleep(1.1)  # a tick of the daemon's clock

    def test_follow_and_read_over_rotation(self):
        self.settings("audit.segment 2k")
        self.start()
        follow = subprocess.Popen([BRIDLE, "log", "--follow", "--json", "--decision", "deny", "--state",
                                   self.path("state")], env=self.env(), stdin=subprocess.DEVNULL,
                                  stdout=subprocess.PIPE)
        self.addCleanup(follow.stdout.close)
        self.addCleanup(follow.wait)
        self.addCleanup(follow.kill)
        want = []
        with wire.connect(self.path("socket")) as sock:
            for i in range(80):
                self.ask(self.event("fly deploy %d" % i), sock)
                want.append("fly deploy %d" % i)
                if i % 20 == 19:
                    status, said = self.bridle("log", "--json", "--decision", "deny")
                    self.assertEqual(status, 0, said)
                    self.assertEqual([json.loads(x)["command"] for x in said.splitlines()], want)
                    time.sleep(1.1)
        got = [json.loads(follow.stdout.readline())["command"] for _ in want]
        self.assertEqual(got, want)
        self.assertGreater(len(os.listdir(self.audit())), 10)

    def packed(self):
        return sorted(n for n in os.listdir(self.audit()) if n.endswith(".zst"))

    def test_damaged_packed_segments(self):
        self.turn_over()
        self.until(self.packed, "nothing is packed")
        self.stop()
        self.assertEqual(self.bridle("log", "verify")[0], 0)
        name = self.audit(self.packed()[0])
        with open(name, "rb") as f:
            good = f.read()
        for what, data in (("byte", good[:40] + bytes([good[40] ^ 1]) + good[41:]), ("cut", good[:-9]),
                           ("empty", b""), ("garbage", b"x" * 100)):
            with self.subTest(what):
                with open(name, "wb") as f:
                    f.write(data)
                status, said = self.bridle("log", "verify")
                self.assertEqual(status, 1, said)
                self.assertIn("is bad", said)
                self.bridle("log", "--decision", "deny")  # says so; no crash
        with open(name, "wb") as f:
            f.write(good)
        self.assertEqual(self.bridle("log", "verify")[0], 0)

    def children(self, pid):
        """The processes whose parent it is: {pid: state}."""
        found = {}
        for name in filter(str.isdigit, os.listdir("/proc")):
            try:
                with open("/proc/%s/stat" % name) as f:
                    state, parent = f.read().rpartition(")")[2].split()[:2]
            except OSError:
                continue
            if int(parent) == pid:
                found[int(name)] = state
        return found

    def send(self, pid, number):
        try:
            os.kill(pid, number)
        except ProcessLookupError:
            pass  # it has ended

    def packer_held(self, daemon):
        """The child that packs, stopped in the middle of it; there is more to pack until one is met."""
        end = time.monotonic() + 100
        with wire.connect(self.path("socket")) as sock:
            while time.monotonic() < end:
                text = "".join(self.letters.choices("0123456789bcdfghijklmnpqrstvwxyz", k=20000))
                self.ask(self.event("fly deploy " + text), sock)
                self.sent += 1
                for child in self.children(daemon.pid):
                    self.send(child, signal.SIGSTOP)
                    while self.children(daemon.pid).get(child, "Z") not in "TZ":
                        time.sleep(0.001)
                    if self.children(daemon.pid).get(child) != "T":
                        continue
                    # One that has not yet closed what it got holds the lock and the socket.
                    if len(os.listdir("/proc/%d/fd" % child)) <= 3:
                        return child
                    self.send(child, signal.SIGCONT)
        self.fail("no packer was met at work")

    @unittest.skipUnless(os.path.exists("/proc/self/stat"), "no /proc")
    def test_packer_killed(self):
        """Whoever dies while a segment is packed, no record is lost, and it is packed later."""
        self.letters, self.sent = random.Random(1), 0
        self.settings("audit.segment 2M")
        p = self.start()
        for who in ("packer", "daemon", "both"):
            with self.subTest(who):
                packer = self.packer_held(p)
                self.assertIn("packing", os.listdir(self.audit()))
                before = self.packed()
                if who != "daemon":
                    self.send(packer, signal.SIGKILL)
                if who != "packer":
                    p.kill()
                if who == "packer":
                    self.until(lambda: packer not in self.children(p.pid), "the packer is not missed")
                    self.assertIn("cannot be packed", self.control("status")["audit"]["why"])
                self.assertEqual(self.packed(), before)
                self.stop()
                self.assertEqual(self.bridle("log", "verify")[0], 0)
                p = self.start()
                self.until(lambda: len(self.packed()) > len(before), "the segment is not packed")
                status, said = self.bridle("log", "--json", "--decision", "deny")
                self.assertEqual((status, len(said.splitlines())), (0, self.sent))
                status, said = self.bridle("log", "verify")
                self.assertEqual(status, 0, said)


if __name__ == "__main__":
    wire.main()
