#!/usr/bin/env python3
# SPDX-License-Identifier: ISC
"""test_faults.py: what breaks around the daemon: it is killed, stopped, out of
descriptors or memory, its disk is full, its log is gone, its clock jumps. A
denied call is never allowed, every shim answers, and every decision that left
is in the log. Each test prints how often it tried. FAULT_SECONDS: how long the
daemon is killed again and again; 60 by hand.
"""
import errno
import json
import mmap
import os
import random
import resource
import shutil
import signal
import subprocess
import tempfile
import threading
import time
import unittest

import wire


class Faults(wire.DaemonCase):
    def shim(self, command, deadline=60000):
        """One call of the shim: the decision, "refused" for exit status 2."""
        done = subprocess.run([wire.HOOK, "--deadline=%d" % deadline], input=self.event(command),
                              env=self.env(), capture_output=True, timeout=120)
        if done.returncode == 2:
            self.assertEqual(done.stdout, b"")
            return "refused"
        self.assertEqual(done.returncode, 0, done)
        return json.loads(done.stdout)["hookSpecificOutput"]["permissionDecision"] if done.stdout else "pass"

    def pid(self):
        try:
            with open(self.path("socket.lock")) as f:
                return int(f.read() or 0)
        except (OSError, ValueError):
            return 0

    def end_detached(self):
        """Ends the daemon that a shim started, and waits until it is gone."""
        pid = self.pid()
        os.kill(pid, signal.SIGTERM)
        while os.path.exists("/proc/%d" % pid):
            with open("/proc/%d/stat" % pid) as f:
                if f.read().rsplit(")", 1)[1].split()[0] == "Z":  # nobody waits for it
                    break
            time.sleep(0.01)

    def test_killed_at_any_time(self):
        seconds = float(os.environ.get("FAULT_SECONDS", "10"))
        self.write("config/bridle/policy", self.POLICY)
        end = time.monotonic() + seconds
        lock, answers, wrong, kills = threading.Lock(), {}, [], 0

        def work(number):
            i = 0
            while time.monotonic() < end:
                tag = "tag-%d-%d-end" % (number, i)
                i += 1
                try:
                    got = self.shim("fly deploy " + tag)
                except Exception as e:  # a thread's failure must reach the test
                    got = repr(e)
                with lock:
                    answers[tag] = got
                    if got not in ("deny", "ask", "refused"):
                        wrong.append((tag, got))
        threads = [threading.Thread(target=work, args=(n,)) for n in range(32)]
        for t in threads:
            t.start()
        while time.monotonic() < end:
            time.sleep(random.uniform(0.02, 0.4))
            pid = self.pid()
            if pid > 0:
                try:
                    os.kill(pid, signal.SIGKILL)
                    kills += 1
                except ProcessLookupError:
                    pass
        for t in threads:
            t.join()
        self.assertEqual(self.shim("fly deploy last"), "deny")
        self.end_detached()
        os.rename(self.path("state", "bridle"), self.path("state.moved"))
        os.rmdir(self.path("state"))
        os.rename(self.path("state.moved"), self.path("state"))
        logged = "\n".join(r.get("command", "") for r in self.records() if r["event"] == "decision")
        lost = [t for t, got in answers.items() if got == "deny" and t not in logged]
        counts = {v: list(answers.values()).count(v) for v in set(answers.values())}
        print("%d kills, %d calls: %s ... " % (kills, len(answers), counts), end="", flush=True)
        self.assertEqual((wrong, lost), ([], []))
        self.assertGreater(kills, 0)
        self.assertGreater(counts.get("deny", 0), 0)

    def test_stopped(self):
        p = self.start()
        p.send_signal(signal.SIGSTOP)
        for _ in range(5):
            self.assertEqual(self.shim("fly status", deadline=100), "ask")
        p.send_signal(signal.SIGCONT)
        self.assertEqual(self.decide("fly status"), "allow")
        print("5 calls ... ", end="", flush=True)

    def limited(self, which, value):
        return lambda: resource.setrlimit(which, (value, value))

    def test_disk_full(self):
        """Files cannot grow: the log fails, the daemon does not."""
        self.start(preexec_fn=self.limited(resource.RLIMIT_FSIZE, 20000))
        with wire.connect(self.path("socket")) as sock:
            for i in range(200):
                self.assertEqual(self.verdict(*self.ask(self.event("fly deploy %d" % i), sock)), "deny")
        status = self.control("status")
        self.assertFalse(status["audit"]["healthy"])
        self.assertTrue(status["audit"]["why"])
        whole = len(self.records())  # no torn line among them
        self.assertGreater(whole, 10)
        print("200 calls, %d records ... " % whole, end="", flush=True)

    def test_disk_full_and_the_log_is_required(self):
        self.write("fly.policy", self.POLICY + "set audit.required yes\n")
        self.start(preexec_fn=self.limited(resource.RLIMIT_FSIZE, 20000))
        seen = []
        with wire.connect(self.path("socket")) as sock:
            for i in range(200):
                seen.append(self.verdict(*self.ask(self.event("fly status"), sock)))
        self.assertEqual(seen[0], "allow")
        self.assertEqual(seen[-1], "ask")
        self.assertIn("audit.required", self.reason)
        self.assertEqual(seen.count("allow"), len([r for r in self.records() if r.get("decision") == "allow"]))
        print("%d allowed, then %d asked ... " % (seen.count("allow"), seen.count("ask")), end="", flush=True)

    def test_disk_full_for_real(self):
        """A small file system, filled by somebody else; then room comes back."""
        os.mkdir(self.path("state"))
        if os.getuid() != 0 or subprocess.run(["mount", "-t", "tmpfs", "-o", "size=256k", "none", self.path("state")],
                                              stderr=subprocess.DEVNULL).returncode != 0:
            self.skipTest("nothing may be mounted here; test_disk_full does it with a limit")
        try:
            self.start()
            self.assertEqual(self.decide("fly deploy"), "deny")
            try:
                with open(self.path("state", "filler"), "wb", buffering=0) as f:
                    while f.write(b"x" * 1024) > 0:
                        pass
            except OSError:
                pass
            for i in range(100):
                self.assertEqual(self.decide("fly deploy %d" % i), "deny")
            self.assertFalse(self.control("status")["audit"]["healthy"])
            os.unlink(self.path("state", "filler"))
            self.assertEqual(self.decide("fly deploy again"), "deny")
            self.assertTrue(self.control("status")["audit"]["healthy"])
            whole = self.records()  # no torn line among them
            self.assertIn("again", whole[-1]["command"])
            self.verify()
            print("102 calls, %d records ... " % len(whole), end="", flush=True)
        finally:
            self.stop_all()
            subprocess.run(["umount", self.path("state")], check=True)

    def verify(self):
        done = subprocess.run([os.path.join(wire.BUILD, "bin", "bridle"), "log", "verify", "--state", self.path("state")],
                              env=self.env(), capture_output=True, timeout=60)
        self.assertEqual(done.returncode, 0, done)

    def test_log_folder_removed(self):
        self.start()
        self.assertEqual(self.decide("fly deploy"), "deny")
        shutil.rmtree(self.path("state", "audit"))
        for _ in range(20):
            self.assertEqual(self.decide("fly deploy"), "deny")
        print("20 calls ... ", end="", flush=True)

    def test_out_of_descriptors(self):
        self.start(preexec_fn=self.limited(resource.RLIMIT_NOFILE, 48))
        socks = [wire.connect(self.path("socket")) for _ in range(200)]
        try:
            for _ in range(20):
                self.assertIn(self.shim("fly deploy", deadline=5000), ("deny", "ask", "refused"))
        finally:
            for sock in socks:
                sock.close()
        self.assertEqual(self.shim("fly deploy"), "deny")
        print("200 connections, 48 descriptors ... ", end="", flush=True)

    def preloaded(self, **more):
        """Starts a daemon with faults.c in it: the numbers shared with it."""
        source = os.path.join(os.path.dirname(os.path.abspath(__file__)), "faults.c")
        made = subprocess.run([os.environ.get("CC", "cc"), "-shared", "-fPIC", "-O1", "-o", self.path("faults.so"),
                               source, "-ldl"], capture_output=True)
        linked = subprocess.run(["ldd", wire.DAEMON], capture_output=True, text=True).stdout
        if made.returncode != 0 or "libc.so.6" not in linked or "asan" in linked:
            self.skipTest("faults.c stands before glibc alone, and not before a sanitizer")
        with open(self.path("numbers"), "wb") as f:
            f.write(b"\0" * 4096)
        with open(self.path("numbers"), "r+b") as f:
            shared = memoryview(mmap.mmap(f.fileno(), 4096)).cast("q")
        self.start(env=self.env(LD_PRELOAD=self.path("faults.so"), FAULTS=self.path("numbers"), **more))
        return shared

    def without(self, shared, nth, rest, command):
        """Decides with the nth allocation failing (rest: and all after it):
        the verdict, or "error" or "closed", and whether any failed."""
        with wire.connect(self.path("socket")) as sock:
            self.ask(self.event("fly status"), sock)  # it has been taken in
            shared[2], shared[1], shared[0] = 0, rest, nth
            try:
                sock.sendall(self.request(self.event(command)))
                kind, got = wire.read_frame(sock)
            except (EOFError, OSError):
                kind = None
            failed, shared[0] = shared[2], 0
        if kind != wire.REPLY:
            return ("closed" if kind is None else "error"), failed
        if got[wire.STATUS] == b"\2":
            return "refused", failed
        return self.verdict(got[wire.STATUS][0], got[wire.OUT], got[wire.ERR]), failed

    def test_nth_allocation_fails(self):
        """In the path of a decision; with reload, also in that of a new policy."""
        shared, tried = self.preloaded(), 0
        for reload in (False, True):
            for rest in (0, 1):
                for nth in range(1, 2000):
                    if reload:
                        self.write("fly.policy", self.POLICY + "# %d %d\n" % (rest, nth))
                    got, failed = self.without(shared, nth, rest, "fly deploy")
                    self.assertNotIn(got, ("allow", "pass"), (reload, rest, nth))
                    tried += 1
                    # And all is well again, a large request too.
                    self.assertEqual(self.decide("fly status"), "allow", (reload, rest, nth))
                    if not failed:
                        break
                self.assertEqual((got, failed), ("deny", 0))
        self.assertEqual(self.decide("true " + "x" * 200000 + "; fly deploy"), "deny")
        self.assertEqual(self.decide("fly deploy"), "deny")
        print("%d failures ... " % tried, end="", flush=True)

    def test_clock_jumps_back(self):
        shared = self.preloaded()
        for step in (0, -86400, 86400, -10 * 365 * 86400, 3600):
            shared[3] = step
            for i in range(10):
                self.assertEqual(self.decide("fly deploy"), "deny")
                self.assertEqual(self.decide("fly status"), "allow")
        self.stop_all()
        records = self.records()
        numbers = [r["seq"] for r in records]
        self.assertEqual(numbers, list(range(1, len(numbers) + 1)))
        self.assertEqual(len([r for r in records if r["event"] == "decision"]), 100)
        self.verify()
        print("100 calls, 4 jumps ... ", end="", flush=True)

    def test_what_the_daemon_gave_up(self):
        """Taken over, it could not run a program, talk to a network or write elsewhere."""
        with tempfile.TemporaryDirectory(prefix="bridle-", dir="/tmp") as outside:
            shared = self.preloaded(OUTSIDE=os.path.join(outside, "new"), INSIDE=self.path("state", "state", "new"))
            status = self.control("status")
            self.assertIn("no core dumps", status["confined"])
            with open("/proc/%d/limits" % status["pid"]) as f:
                self.assertRegex(f.read(), r"Max core file size +0 ")
            held = {name: name in status["confined"] for name in ("seccomp", "landlock")}
            if not held["seccomp"]:
                self.skipTest("no seccomp here")
            shared[4] = 1
            while shared[4] != 2:
                self.control("ping")
            refused = [int(number) for number in shared[5:9]]
            self.assertEqual(refused[:2], [errno.EPERM] * 2)
            if held["landlock"]:
                self.assertEqual(refused[2], errno.EACCES)
                self.assertEqual(os.listdir(outside), [])
            self.assertEqual(refused[3], 0)
            self.assertEqual(self.decide("fly deploy"), "deny")
        print("4 tries, %s ... " % status["confined"], end="", flush=True)

    def test_policy_that_keeps_changing(self):
        """Read in the middle of being written, in place: the last good one or the new one."""
        self.start()
        stop = threading.Event()

        def scribble():
            texts = [self.POLICY, self.POLICY[:-30], "", "version 1\n", self.POLICY + "deny x\n    because y.\n" * 500]
            while not stop.is_set():
                with open(self.path("fly.policy"), "w") as f:
                    text = random.choice(texts)
                    f.write(text[:len(text) // 2])
                    f.flush()
                    f.write(text[len(text) // 2:])
        writer = threading.Thread(target=scribble)
        writer.start()
        seen = []
        try:
            with wire.connect(self.path("socket")) as sock:
                for _ in range(300):
                    seen.append(self.verdict(*self.ask(self.event("fly deploy"), sock)))
        finally:
            stop.set()
            writer.join()
        self.assertNotIn("allow", seen)
        self.write("fly.policy", self.POLICY)
        self.assertEqual(self.decide("fly deploy"), "deny")
        print("300 calls ... ", end="", flush=True)


if __name__ == "__main__":
    wire.main()
