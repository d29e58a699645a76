#!/usr/bin/env python3
# SPDX-License-Identifier: ISC
"""test_agree.py: the wrapper and the hook decide alike. Each argument vector is
run as a command through the wrapper and told as a Bash event to the hook, each
a process of its own; the log says what was decided, and what ran agrees.
"""
import glob
import json
import os
import re
import shlex
import shutil
import subprocess
import unittest

import wire

HERE = os.path.dirname(os.path.abspath(__file__))
ROOT = os.path.dirname(os.path.dirname(HERE))
# Rows of tests/cases that are one plain command, the same as text and as words.
PLAIN = re.compile(r"^(?:allow|deny|ask|pass|any|deny\|ask) +((?:fly|flyctl|git) [A-Za-z0-9 _./:=,@+-]*)$")
LOOKING = ("--version blame cat-file check-ignore describe diff for-each-ref log ls-files ls-tree merge-base "
           "name-rev rev-list rev-parse shortlog show status version").split()
ACTING = ("-O", "--ou", "--ext", "--te")
# Words that shell text has to quote.
ODD = [["fly", "deploy", "-a", "app api"], ["fly", "deploy", "-a", ""], ["fly", ""], ["fly"], ["flyctl"],
       ["fly", "deploy", "-a", "app-api\n"], ["fly", "deploy", "-a", "$APP"], ["fly", "deploy", "-a", "`x`"],
       ["fly", "deploy", "-a", "app-*"], ["fly", "deploy", "-a", "~"], ["fly", "deploy", "-a", "{app-api,b}"],
       ["fly", "deploy", "--", "-a", "app-api"], ["fly", "--", "deploy"], ["fly", "-a", "app-api", "deploy"],
       ["fly", "secrets", "set", "K=a b", "-a", "app-api-staging"], ["fly", "secrets", "set", "K=\"'\"", "L=\\"],
       ["fly", "ssh", "console", "-C", "rails db:migrate; ls", "-a", "app-api-staging"],
       ["fly", "ssh", "console", "-C", "ls", "-a", "app-api"], ["fly", "deplöy"], ["fly", "st\u0430tus"],
       ["fly", "status", "#"], ["fly", "status", "&&", "fly", "deploy"], ["fly", "status", ">x"],
       ["fly", "status", "|", "sh"], ["fly", "status", "!"], ["fly", "help", "deploy"], ["fly", "__complete", ""],
       ["git", "push", "origin", "HEAD:refs/heads/main"], ["git", "push", "origin", "feat/*"],
       ["git", "-c", "alias.x=!fly deploy", "x"], ["git", "commit", "-m", "git push origin main; fly deploy"],
       ["git", "log", "--format=%h %s"], ["git", "push", "origin", "+main"], ["git", "push", "origin", ":main"]]


def vectors():
    """Without repeating itself; rows of the tables and words that need quotes."""
    seen = {}
    for name in sorted(glob.glob(os.path.join(ROOT, "tests", "cases", "*", "*.cases"))):
        with open(name, encoding="utf-8") as f:
            for line in f:
                row = PLAIN.match(line.rstrip("\n"))
                if row:
                    seen.setdefault(tuple(row.group(1).split()))
    return [list(v) for v in seen] + ODD


class Agree(wire.DaemonCase):
    POLICY = "version 1\ninclude <fly>\n"

    def setUp(self):
        super().setUp()
        for name in ("wrap", "real", "repo"):
            os.mkdir(self.path(name))
        for name in ("fly", "flyctl", "git"):
            shutil.copy(wire.HOOK, self.path("wrap", name))
            self.write("real/" + name, '#!/bin/sh\necho ran\n')
            os.chmod(self.path("real", name), 0o755)
        self.repo = self.path("repo")
        self.write("repo/fly.toml", 'app = "app-api"\n')
        git = {"PATH": "/usr/bin:/bin:/usr/local/bin", "HOME": self.folder, "GIT_CONFIG_NOSYSTEM": "1"}
        for args in (["init", "-q", "-b", "feat/x"], ["remote", "add", "origin", "https://example.com/x.git"],
                     ["-c", "user.name=t", "-c", "user.email=t@example.com", "commit", "-q", "--allow-empty", "-m", "x"]):
            subprocess.run(["git", *args], cwd=self.repo, env=git, check=True, stdin=subprocess.DEVNULL, timeout=60)

    def env(self, **more):
        path = "%s:%s:/usr/bin:/bin" % (self.path("wrap"), self.path("real"))
        return super().env(**dict({"PATH": path}, **more))

    def by_wrapper(self, argv):
        """Did it run?"""
        done = subprocess.run([self.path("wrap", argv[0]), *argv[1:]], env=self.env(), cwd=self.repo, timeout=60,
                              stdin=subprocess.DEVNULL, capture_output=True, start_new_session=True)
        self.assertIn((done.returncode, done.stdout), ((0, b"ran\n"), (126, b"")), (argv, done))
        return done.returncode == 0

    def by_hook(self, argv):
        """What the agent is told."""
        event = json.loads(self.event(shlex.join(argv), cwd=self.repo))
        done = subprocess.run([wire.HOOK, "PreToolUse"], input=json.dumps(event).encode(), env=self.env(), cwd=self.repo,
                              capture_output=True, timeout=60)
        return self.verdict(done.returncode, done.stdout, done.stderr)

    def decisions(self, event):
        return [r["decision"] for r in self.records() if r["event"] == event]

    def test_wrapper_and_hook(self):
        self.start()
        argvs = vectors()
        self.assertGreaterEqual(len(argvs), 500)
        # The wrapper first: what the hook asks about leaves a ticket.
        ran = [self.by_wrapper(a) for a in argvs]
        told = [self.by_hook(a) for a in argvs]
        wrapper, hook = self.decisions("wrapper"), self.decisions("decision")
        self.assertEqual(told, hook)
        # Where a program only looks, the wrapper is out of the way: the hook does not deny it either.
        direct = [a[0] == "git" and a[1] in LOOKING and not any(w.startswith(ACTING) for w in a) or
                  a[1:2] == ["__complete"] for a in argvs]
        self.assertEqual([(a, h) for a, h, d in zip(argvs, hook, direct) if d and h in ("deny", "ask")], [])
        asked = [(a, h) for a, h, d in zip(argvs, hook, direct) if not d]
        self.assertEqual((len(hook), len(wrapper)), (len(argvs), len(asked)))
        self.assertEqual([(a, w, h) for (a, h), w in zip(asked, wrapper) if w != h], [])
        self.assertEqual(ran, [h in ("allow", "pass") for h in hook])
        self.assertGreaterEqual(len(asked), 500)
        for verdict in ("allow", "deny", "ask", "pass"):
            self.assertGreater(hook.count(verdict), 20, verdict)
        print("%d argument vectors, %d asked about: %s" % (len(argvs), len(asked), {v: hook.count(v) for v in sorted(set(hook))}))


if __name__ == "__main__":
    wire.main()
