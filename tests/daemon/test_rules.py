#!/usr/bin/env python3
# SPDX-License-Identifier: ISC
"""test_rules.py: the hard rules, through the shim, with events shaped as the
client sends them: tests/cases/rules/hard.rows; then a session of them in order,
and what of a file's content reaches the log.
"""
import json
import os
import subprocess
import unittest

import wire

ROOT = os.path.dirname(os.path.dirname(os.path.dirname(os.path.abspath(__file__))))
ROWS = os.path.join(ROOT, "tests", "cases", "rules", "hard.rows")
SHAPES = {"Edit": "edit", "EditAll": "edit", "Write": "write", "MultiEdit": "multiedit", "NotebookEdit": "notebook",
          "Bash": "bash-fly-status", "done": "post-bash"}


def shape(name):
    with open(os.path.join(ROOT, "tests", "events", SHAPES[name] + ".json"), encoding="utf-8") as f:
        return json.load(f)


def text(s):
    return s.replace("\\n", "\n").replace("\\t", "\t")


def swap(s):
    old, new = s.split(" => ", 1) if " => " in s else (s[:-len(" =>")], "")
    return {"old_string": text(old), "new_string": text(new)}


def blocks():
    out = []
    with open(ROWS, encoding="utf-8") as f:
        for number, line in enumerate(f, 1):
            line = line.rstrip("\n")
            if not line or line.startswith("#"):
                continue
            word, rest = line.split(" ", 1)
            rest = rest.lstrip(" ")
            if word == "rule":
                out.append({"rule": rest, "files": [], "done": [], "rows": []})
            elif word == "file":
                out[-1]["files"].append(rest.split(" ", 1))
            elif word == "done":
                out[-1]["done"].append(rest)
            else:
                assert word in ("ask", "deny", "ok"), line
                out[-1]["rows"].append((number, word, rest))
    return out


class RulesCase(wire.DaemonCase):
    POLICY = "version 1\ninclude <fly>\n"

    def setUp(self):
        super().setUp()
        self.count = 0
        self.start()

    def project(self, files):
        """A new project with its own repository, so that no deed of another counts."""
        self.count += 1
        root = self.path("p%d" % self.count)
        os.makedirs(os.path.join(root, ".git", "refs", "heads"))
        os.makedirs(os.path.join(root, ".git", "objects"))
        with open(os.path.join(root, ".git", "HEAD"), "w") as f:
            f.write("ref: refs/heads/feat/x\n")
        for name, content in files:
            os.makedirs(os.path.dirname(os.path.join(root, name)), exist_ok=True)
            with open(os.path.join(root, name), "w") as f:
                f.write(text(content))
        return root

    def fill(self, root, name, **more):
        event = shape(name)
        event.update(cwd=root, session_id="s-" + os.path.basename(root), permission_mode="default")
        event["tool_input"] = {}
        event.update(more)
        return event

    def event_of(self, root, row):
        tool, rest = row.split(" ", 1) if " " in row else (row, "")
        if tool not in SHAPES or ": " not in rest and not rest.endswith(":"):
            return self.fill(root, "Bash", tool_input={"command": row.replace("⏎", "\n"), "description": "d"})
        name, rest = rest.split(":", 1)
        path = os.path.join(root, name)
        rest = rest[1:]
        if tool in ("Edit", "EditAll"):
            given = dict(file_path=path, replace_all=tool == "EditAll", **swap(rest))
        elif tool == "MultiEdit":
            given = {"file_path": path, "edits": [swap(s) for s in rest.split(" ;; ")]}
        elif tool == "Write":
            given = {"file_path": path, "content": text(rest)}
        else:
            given = {"notebook_path": path, "new_source": text(rest), "cell_id": "c1"}
        return self.fill(root, tool, tool_input=given)

    def shim(self, event):
        name = event["hook_event_name"]
        done = subprocess.run([wire.HOOK, name], input=json.dumps(event).encode(),
                              env=self.env(CLAUDE_PROJECT_DIR=event["cwd"]), cwd=event["cwd"], capture_output=True, timeout=60)
        self.assertEqual((done.returncode, done.stderr), (0, b""))
        return json.loads(done.stdout)["hookSpecificOutput"] if done.stdout else {}

    def judge(self, root, row):
        out = self.shim(self.event_of(root, row))
        return out.get("permissionDecision", "pass"), out.get("permissionDecisionReason", "")

    def succeeded(self, root, command, **more):
        given = {"command": command}
        return self.shim(self.fill(root, "done", tool_input=given, **more)).get("additionalContext", "")


class Rows(RulesCase):
    def test_rows(self):
        total = 0
        for block in blocks():
            caught = [r for r in block["rows"] if r[1] != "ok"]
            self.assertGreaterEqual(len(caught), 5, block["rule"])
            self.assertGreaterEqual(len(block["rows"]) - len(caught), 3, block["rule"])
            root = self.project(block["files"])
            for command in block["done"]:
                self.succeeded(root, command)
            for number, want, row in block["rows"]:
                with self.subTest("%s, line %d: %s" % (block["rule"], number, row)):
                    total += 1
                    got, reason = self.judge(root, row)
                    self.assertEqual("ok" if got in ("allow", "pass") else got, want, reason)
        print("%d rules, %d rows" % (len(blocks()), total))


class Order(RulesCase):
    """A session as it goes: what was run and succeeded, what was written."""
    TOML = 'app = "app-api-staging"\n\n[env]\n  LOG = "info"\n'

    def write_toml(self, root, content):
        with open(os.path.join(root, "fly.toml"), "w") as f:
            f.write(content)

    def test_validate_then_deploy(self):
        root = self.project([("fly.toml", self.TOML)])
        self.assertEqual(self.judge(root, "fly deploy")[0], "deny")
        self.assertIn("fly config validate", self.judge(root, "fly deploy")[1])
        for command, more in (("fly config validate || true", {}), ("fly config validate; true", {}),
                              ("fly config validate | cat", {}), ("true || fly config validate", {}),
                              ("fly config validate -c x.toml", {}), ("fly config validate", {"cwd": self.project([])}),
                              ("fly config validate", {"session_id": "s-" + os.path.basename(root), "tool_input":
                               {"command": "fly config validate", "run_in_background": True}})):
            with self.subTest(command):
                if "tool_input" in more:
                    self.shim(self.fill(root, "done", **more))
                else:
                    self.succeeded(root, command, **more)
                self.assertEqual(self.judge(root, "fly deploy")[0], "deny")
        failed = self.fill(root, "done", tool_input={"command": "fly config validate"})
        failed.update(hook_event_name="PostToolUseFailure", error="Exit code 1")
        failed.pop("tool_response", None)
        self.shim(failed)
        self.assertEqual(self.judge(root, "fly deploy")[0], "deny")
        self.succeeded(root, "cd . && fly config validate")
        self.assertIn(self.judge(root, "fly deploy")[0], ("pass", "allow"))
        # another session has the same content, also after a restart
        self.stop_all()
        self.start()
        out = self.shim(self.fill(root, "Bash", session_id="another", tool_input={"command": "fly deploy"}))
        self.assertEqual(out, {})
        # an edit, then the old content again
        self.write_toml(root, self.TOML.replace("info", "debug"))
        self.assertEqual(self.judge(root, "fly deploy")[0], "deny")
        self.write_toml(root, self.TOML)
        self.assertIn(self.judge(root, "fly deploy")[0], ("pass", "allow"))

    def test_a_volume_before_scaling(self):
        root = self.project([("fly.toml", self.TOML)])
        self.assertEqual(self.judge(root, "fly scale count 2 -r lhr")[0], "ask")
        self.succeeded(root, "fly volumes create data -r iad")
        self.succeeded(root, "fly volumes create data -r lhr -a another")
        self.assertEqual(self.judge(root, "fly scale count 2 -r lhr")[0], "ask")
        self.succeeded(root, "fly volumes create data -r lhr")
        self.assertEqual(self.judge(root, "fly scale count 2 -r lhr")[0], "pass")
        self.assertEqual(self.judge(root, "fly scale count 2 -r fra")[0], "ask")

    def test_after_a_write_the_agent_is_told_to_validate(self):
        root = self.project([("fly.toml", self.TOML), ("other.toml", "x = 1\n")])
        path = os.path.join(root, "fly.toml")
        written = self.fill(root, "done", tool_name="Edit", tool_input={
            "file_path": path, "old_string": "info", "new_string": "debug"},
            tool_response={"filePath": path, "oldString": "info", "newString": "debug"})
        self.write_toml(root, self.TOML.replace("info", "debug"))
        told = self.shim(written)
        self.assertEqual(told["hookEventName"], "PostToolUse")
        self.assertIn("run `fly config validate` next", told["additionalContext"])
        self.assertIn("rules.policy:", told["additionalContext"])
        written.update(tool_name="Write", tool_input={"file_path": path, "content": "x"})
        self.assertIn("fly config validate", self.shim(written)["additionalContext"])
        self.assertIn("fly config validate", self.succeeded(root, "sed -i s/debug/info/ fly.toml"))
        self.assertIn("fly config validate", self.succeeded(root, "echo '# x' >> ./fly.toml"))
        for command in ("fly config validate", "sed -i s/1/2/ other.toml", "cat fly.toml", "fly status",
                        "sed -i s/debug/info/ fly.toml && fly config validate"):
            self.assertEqual(self.succeeded(root, command), "", command)


class Log(RulesCase):
    def test_no_content_of_a_file_is_in_the_log(self):
        """Of an edit the log has the path and the names of the keys that changed."""
        old, new = "quokka-old-value", "wombat-new-value"
        files = [("fly.toml", 'app = "%s"\n[env]\n  LOG = "%s"\n' % (old, old)), (".env", "KEY=%s\n" % old),
                 ("Dockerfile", "FROM alpine:3.20\nENV A=%s\nUSER app\n" % old), ("a.ipynb", "{}"),
                 ("Makefile", "all:\n\techo %s\n" % old), ("note.md", old + "\n")]
        root = self.project([(n, t.replace("\n", "\\n")) for n, t in files])
        rows = ["Edit fly.toml: %s => %s" % (old, new), "EditAll fly.toml: %s => %s" % (old, new),
                "Write fly.toml: app = \"%s\"" % new, "MultiEdit fly.toml: app => thing ;; LOG = \"%s\" => LOG = \"%s\"" % (old, new),
                "Write .env: KEY=%s" % new, "Edit Dockerfile: ENV A=%s => ENV API_TOKEN=%s" % (old, new),
                "NotebookEdit a.ipynb: %s" % new, "Write note.md: %s" % new, "make", "cat .env", "source .env; true",
                "cp fly.toml Dockerfile", "git diff fly.toml", "sh -c 'cat note.md' > x"]
        for row in rows:
            self.judge(root, row)
            event = self.event_of(root, row)
            event.update(hook_event_name="PostToolUse", tool_response={"content": old, "stdout": old, "newString": new})
            self.shim(event)
        self.stop_all()
        data = b""
        for folder, _, names in os.walk(self.path("state")):
            for name in names:
                with open(os.path.join(folder, name), "rb") as f:
                    data += f.read()
        records = self.records()
        self.assertGreaterEqual(len([r for r in records if r["event"] == "decision"]), len(rows))
        self.assertIn(b"fly.toml", data)
        for secret in (old, new):
            self.assertNotIn(secret.encode(), data)
            self.assertNotIn(secret, self.log_text())
        self.assertIn(["app", "env.LOG"], [a.get("keys") for r in records for a in r.get("actions", [])])
        said = [a.get("why", "") for r in records for a in r.get("actions", [])]
        self.assertIn("app changes", said)
        self.assertTrue(any("app changes. [rules.policy:" in r.get("reason", "") for r in records), said)


if __name__ == "__main__":
    wire.main()
