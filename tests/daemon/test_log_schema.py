#!/usr/bin/env python3
# SPDX-License-Identifier: ISC
"""test_log_schema.py: docs/audit-record.schema.json against what is really
written: records of every kind from a daemon that lives through all of it, and
the actions of every command in tests/cases. Anything that the schema does not
name, or names otherwise, is refused.
"""
import copy
import glob
import json
import os
import pty
import re
import signal
import subprocess
import time
import unittest

import schema
import wire
from test_wrapper import WrapperCase, agent_above

HERE = os.path.dirname(os.path.abspath(__file__))
SCHEMA = os.path.join(HERE, "..", "..", "docs", "audit-record.schema.json")
BRIDLE = os.path.join(wire.BUILD, "bin", "bridle")
POLICY = """version 1
default pass
allow fly status
ask fly scale count
    because Scaling costs money.
deny fly deploy
    because Deploys go through CI.
deny edit **/prod/** keys app
    because Production is not edited.
deny git push --force
    because History stays.
"""


class Records(WrapperCase):
    POLICY = POLICY

    def person(self, *words):
        """bridle WORDS, typed in a terminal of its own."""
        pid, fd = pty.fork()
        if pid == 0:
            os.execve(BRIDLE, ["bridle", *words], self.env())
        try:
            while os.read(fd, 4096):
                pass
        except OSError:
            pass
        os.close(fd)
        return os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1])

    def by_shim(self, command):
        """Through the real shim below a shell that ends: whoever runs a hook
        counts as an agent, and this test is to be a person's."""
        done = subprocess.run(["sh", "-c", '"$0" PreToolUse --deadline=60000; :', wire.HOOK], input=self.event(command),
                              env=self.env(), stdout=subprocess.PIPE, timeout=120, check=True)
        return self.verdict(0, done.stdout, b"")

    def code(self, command):
        self.assertEqual(self.by_shim(command), "deny")
        return self.reason.rsplit("bridle approve ", 1)[1].split()[0]

    def decisions(self):
        for c in ("fly status -a app-api", "fly deploy -a app-api", "fly scale count 3", "touch x > y; cat z",
                  "git push --force origin main:x", "git push $REMOTE", "fly deploy -a $X \"${Y[@]}\"", "eval $Z",
                  "fly secrets set A=b -a x", "fly no-such thing", "cd $D && rm -r *", "if", "fly deploy --nope",
                  "bash -c 'fly deploy'", "fly status --app a $(cat b)"):
            self.decide(c)
        for name in sorted(glob.glob(os.path.join(HERE, "..", "events", "*.json"))):
            with open(name, "rb") as f:
                payload = f.read()
            self.ask(payload, event=json.loads(payload)["hook_event_name"].encode())
        self.write("app.toml", "app = 'a'\nkey = 'b'\n")
        for tool, args in (("Edit", {"file_path": "/w/prod/fly.toml", "old_string": "a", "new_string": "b"}),
                           ("Edit", {"file_path": self.path("app.toml"), "old_string": "'a'", "new_string": "'c'"}),
                           ("Write", {"file_path": self.path("app.toml"),
                                      "content": "".join(f"k{i} = 'of-a-file'\n" for i in range(99))}),
                           ("Write", {"file_path": "/w/x", "content": "y"}), ("Read", {"file_path": "/w/x"}),
                           ("Write", {"file_path": self.path("state/audit/x"), "content": "y"})):
            self.decide("", tool_name=tool, tool_input=args)
        for payload in (b"", b"[]", self.event("fly status")[:-1]):
            self.ask(payload)
        self.ask(json.dumps({"hook_event_name": "Novelty", "session_id": "s1"}).encode(), event=b"Novelty")

    def settings_change(self):
        """The agent's settings lose our hook."""
        hook = {"hooks": {"PreToolUse": [{"matcher": "Bash", "hooks": [
            {"type": "command", "command": "/x/bridle-hook", "args": ["PreToolUse"]}]}]}}
        self.write(".claude/settings.json", json.dumps(hook))
        payload = json.dumps({"hook_event_name": "ConfigChange", "session_id": "s2", "cwd": self.folder,
                              "source": "user_settings"}).encode()
        self.ask(payload, event=b"ConfigChange")
        self.write(".claude/settings.json", "{}")
        self.assertEqual(self.ask(payload, event=b"ConfigChange")[0], 2)

    def grants(self):
        self.assertEqual(self.person("approve", self.code("fly deploy -a one"), "--for", "2s"), 0)
        self.assertEqual(self.by_shim("fly deploy -a one"), "allow")
        self.assertEqual(self.person("deny", self.code("fly deploy -a two")), 0)
        self.assertEqual(self.person("grant", "--for", "1s", "--", "fly", "deploy", "-a", "three"), 0)
        self.assertEqual(self.person("grant", "--", "fly", "deploy", "-a", "four"), 0)
        self.assertEqual(self.person("revoke", "all"), 0)
        self.assertEqual(self.person("grant", "--for", "1s", "--", "fly", "deploy", "-a", "five"), 0)
        self.typed(b"y\n", "deploy")
        self.typed(b"n\n", "deploy")
        self.typed(b"10\n", "deploy")
        self.wait_for("grant-lapsed")

    def policies(self):
        self.write("fly.policy", POLICY + "nonsense\n")
        self.decide("fly status")
        self.write("fly.policy", POLICY + "set audit.segment 1k\nset audit.keep-bytes 1k\n")
        self.decide("fly status")

    def wait_for(self, event):
        for _ in range(2000):
            self.control("ping")  # the daemon's clock stands while nobody is there
            if any(r["event"] == event for r in self.records()):
                return
            time.sleep(0.01)
        self.fail("no record of %s" % event)

    def live(self):
        """A daemon's life; every record of it that is still there at some time."""
        seen = {}
        p = self.start()
        self.assertTrue(self.control("status")["policy"]["loaded"], self.log_text())

        def look():
            try:
                seen.update((r["seq"], r) for r in self.records())
            except FileNotFoundError:
                pass  # packed or expired meanwhile: the next look sees the rest
        if not agent_above():
            self.grants()
            p.send_signal(signal.SIGTERM)
            p.wait(20)
            p = self.start()
        self.decisions()
        self.settings_change()
        self.assertFalse(self.control("revoke", code="all")["ok"])
        look()
        os.rename(self.path("state/audit"), self.path("audit.moved"))
        self.wait_until(lambda: os.path.isdir(self.path("state/audit")))
        self.policies()
        look()
        for i in range(60):
            self.decide("fly status %d" % i)
            time.sleep(0.02)
            look()
        self.wait_until(lambda: look() or any(r["event"] == "expire" for r in seen.values()), 120)
        p.send_signal(signal.SIGTERM)
        p.wait(20)
        look()
        return [seen[k] for k in sorted(seen)]

    def wait_until(self, good, seconds=20):
        end = time.monotonic() + seconds
        while not good():
            if time.monotonic() > end:
                self.fail("it does not happen")
            time.sleep(0.05)

    def test_every_kind(self):
        s = schema.Schema(SCHEMA)
        records = self.live()
        for r in records:
            s.check(r)
        keys = [a["keys"] for r in records for a in r.get("actions", []) if "keys" in a]
        self.assertIn(["app"], keys)
        self.assertTrue(any(k and k[0] == "app" and k[-1] == {"rest": True} for k in keys), keys)
        self.assertNotIn("of-a-file", json.dumps(records))
        events = {r["event"] for r in records}
        want = {"decision", "wrapper", "start", "stop", "reopen", "reload", "reload-failed", "settings",
                "grant-refused", "expire", "other"}
        if not agent_above():
            want |= {"grant", "grant-denied", "grant-revoked", "grant-lapsed", "person-yes", "person-no"}
        self.assertEqual(want - events, set())
        self.assertEqual({r["decision"] for r in records if "decision" in r}, {"allow", "deny", "ask", "pass"})
        kinds = {a["kind"] for r in records for a in r.get("actions", ())}
        self.assertEqual(kinds, {"command", "edit", "read", "tool", "unknown"})
        self.assertEqual(set(s.root["$defs"]) - s.used, set())
        self.refuses(s, records)
        print("%d records of %d kinds ... " % (len(records), len(events)), end="", flush=True)

    def refuses(self, s, records):
        """A member more, less or of another type is no record."""
        for r in {r["event"] + r.get("decision", ""): r for r in records}.values():
            for name in list(r):
                worse = copy.deepcopy(r)
                worse[name] = {"no": "such"}
                self.bad(s, worse)
            for name in ("extra", "Seq"):
                self.bad(s, dict(r, **{name: 1}))
            for name in ("v", "seq", "time", "event", "prev"):
                self.bad(s, {k: v for k, v in r.items() if k != name})
            if r.get("actions"):
                worse = copy.deepcopy(r)
                worse["actions"][0]["extra"] = 1
                self.bad(s, worse)

    def bad(self, s, record):
        with self.assertRaises(schema.Mismatch):
            s.check(record)


class Actions(unittest.TestCase):
    def test_every_case(self):
        """What `bridle check` makes of all our command lines."""
        s = schema.Schema(SCHEMA)
        lines = []
        for name in glob.glob(os.path.join(HERE, "..", "cases", "**", "*.cases"), recursive=True):
            with open(name) as f:
                lines += [m.group(1).replace("\u23ce", "\n") for m in
                          re.finditer(r"^(?:allow|deny|ask|pass)(?:\|[a-z]+)*\s+(.*)$", f.read(), re.M)]
        self.assertGreater(len(lines), 500)
        batch = "".join(json.dumps({"command": c, "cwd": "/", "env": {}}) + "\n" for c in lines)
        done = subprocess.run([BRIDLE, "check", "--batch", "--policy", "policies/fly.policy"], input=batch.encode(),
                              stdout=subprocess.PIPE, cwd=os.path.join(HERE, "..", ".."), timeout=250, check=False)
        out = done.stdout.decode().splitlines()
        self.assertEqual(len(out), len(lines))
        n = 0
        for line in out:
            for action in json.loads(line)["actions"]:
                s.check(action, s.part("action"), "action")
                n += 1
        print("%d commands, %d actions ... " % (len(lines), n), end="", flush=True)


if __name__ == "__main__":
    wire.main()
