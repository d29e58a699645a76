#!/usr/bin/env python3
# SPDX-License-Identifier: ISC
"""test_prompt.py: the wrapper's question as a person meets it: in a real
terminal, keys typed, the screen read, a fake fly that records what it was run
with. Nothing waits for a time, only for what is to be seen.
"""
import os
import re
import shutil
import time
import unittest

import terminal
import wire

QUESTION = "Run it? [y/N, or 10 to allow it for 10 minutes]"
# The prompt at the end of the screen.
BACK = re.compile(r"^%s *\n*\Z" % re.escape(terminal.PROMPT.strip()), re.M)


class PromptCase(wire.DaemonCase):
    POLICY = wire.DaemonCase.POLICY + """deny fly apps destroy
    because Apps stay.
    final
ask fly scale count
    because A person counts.
"""

    def setUp(self):
        super().setUp()
        for name in ("wrap", "real", "work"):
            os.mkdir(self.path(name))
        shutil.copy(wire.HOOK, self.path("wrap/fly"))  # alone: finds no daemon to start
        self.write("real/fly", '#!/bin/sh\nprintf "%%s|" "$@" >>"%s"\necho >>"%s"\n' % ((self.path("ran"),) * 2))
        os.chmod(self.path("real/fly"), 0o755)
        self.write("work/fly.toml", 'app = "app-api"\n')

    def open(self, shell="sh", **more):
        path = "%s:%s:/usr/bin:/bin" % (self.path("wrap"), self.path("real"))
        t = terminal.Terminal(self.folder, self.env(PATH=path, **more), shell)
        self.addCleanup(t.close)
        t.type("cd work")
        t.clear()
        return t

    def ran(self):
        """What the fake fly was run with, once each."""
        if not os.path.exists(self.path("ran")):
            return []
        with open(self.path("ran")) as f:
            return f.read().splitlines()

    def status(self, t):
        """How the last command ended."""
        t.type("echo status=$?.")
        told = re.compile(r"status=(\d+)\.")
        return int(told.search(t.wait(told)).group(1))

    def last(self, event):
        """The last record, once it is one of this event."""
        end = time.monotonic() + terminal.DEADLINE
        while self.records()[-1]["event"] != event:
            self.assertLess(time.monotonic(), end, self.records()[-3:])
            time.sleep(0.02)
        return self.records()[-1]


class Answers(PromptCase):
    def test_yes_runs_once_and_everything_else_does_not(self):
        self.start()
        t = self.open()
        rows = [(("y", "Enter"), 0), (("Y", "Enter"), 0), (("yes", "Enter"), 0), (("n", "Enter"), 126),
                (("Enter",), 126), (("y", "y", "Enter"), 126), (("0", "Enter"), 126), (("-1", "Enter"), 126),
                (("maybe", "Enter"), 126), (("C-d",), 126), (("y", "C-u", "Enter"), 126),
                (("C-c",), 130), (("y", "C-c"), 130), (("y" * 40, "Enter"), 126)]
        for i, (keys, status) in enumerate(rows):
            with self.subTest(keys):
                t.clear()
                before = len(self.ran())
                t.type("fly deploy --image=i%d" % i)
                t.wait(QUESTION)
                t.press(*keys)
                t.wait(BACK) # C-c throws away what is typed before
                self.assertEqual(self.status(t), status)
                self.assertEqual(self.ran()[before:], ["deploy|--image=i%d|" % i] if status == 0 else [])
                self.last("person-yes" if status == 0 else "person-no")
                self.assertEqual(self.control("pending")["list"], [])
                self.assertEqual(self.control("grants")["list"], [])

    def test_ten_minutes(self):
        self.start()
        t = self.open()
        t.type("fly deploy")
        t.wait(QUESTION)
        t.type("10")
        self.assertEqual(self.status(t), 0)
        (grant,) = self.control("grants")["list"]
        self.assertEqual(grant["until_ms"] - grant["made_ms"] > 0, True)
        t.clear()
        t.type("fly deploy; flyctl_alias=fly; $flyctl_alias deploy")
        self.assertEqual(self.status(t), 0)
        self.assertEqual(self.ran(), ["deploy|"] * 3)
        self.assertNotIn(QUESTION, t.screen())
        # another meaning, another folder, an agent's session: asked or refused as before
        for line in ("fly deploy --now", "cd ..; fly deploy --app app-api; cd work"):
            t.clear()
            t.type(line)
            t.wait(QUESTION)
            t.press("C-c")
            t.wait("^C")
        self.assertEqual(self.decide("cd work && fly deploy"), "deny")
        self.assertEqual(self.decide("cd work && fly deploy", session_id="terminal"), "deny")
        self.assertEqual(len(self.ran()), 3)

    def test_ctrl_c_is_no_where_it_is_ignored(self):
        self.start()
        t = self.open()
        t.type("trap '' INT; fly deploy")
        t.wait(QUESTION)
        t.press("y", "C-c")
        t.wait("not run")
        self.assertEqual(self.status(t), 126)
        self.assertEqual(self.ran(), [])

    def test_typed_before_the_question_is_no_answer(self):
        self.start()
        t = self.open()
        os.mkfifo(self.path("gate"))
        t.type("cat ../gate; fly deploy")
        t.type("y")
        t.wait("\ny\n")
        with open(self.path("gate"), "w") as gate:
            gate.write("the gate\n")
        t.wait("the gate", QUESTION)
        t.press("Enter")
        self.assertEqual(self.status(t), 126)
        self.assertEqual(self.ran(), [])

    def test_the_window_closes(self):
        self.start()
        t = self.open()
        t.type("fly deploy")
        t.wait(QUESTION)
        t.close()
        self.last("person-no")
        self.assertEqual(self.control("pending")["list"], [])
        self.assertEqual(self.ran(), [])

    def test_stopped_and_taken_up_again(self):
        self.start()
        t = self.open("bash --norc --noprofile -i")
        t.type("fly deploy")
        t.wait(QUESTION)
        t.press("C-z")
        t.wait("Stopped")
        t.type("fg")
        t.wait("\nfly deploy")
        t.type("y")
        self.assertEqual(self.status(t), 0)
        self.assertEqual(self.ran(), ["deploy|"])


class Shown(PromptCase):
    def question(self, t, line):
        t.clear()
        t.type(line)
        shown = t.wait(QUESTION)
        t.press("C-c")
        t.wait("^C")
        return shown

    def test_what_why_which_app_and_from_where(self):
        self.start()
        t = self.open()
        work = os.path.realpath(self.path("work"))
        for line, app in (("fly deploy", "app-api (from fly.toml)"),
                          ("fly deploy -a app-web", "app-web (from -a)"),
                          ("fly --app=app-web deploy", "app-web (from --app)"),
                          ("FLY_APP=app-env fly deploy", "app-env (from FLY_APP)"),
                          ("make -f ../Makefile", "app-make (from -a)")):
            self.write("Makefile", "all:\n\tfly deploy -a app-make\n")
            with self.subTest(line):
                shown = self.question(t, line)
                self.assertIn("`fly deploy", shown)
                self.assertIn("Deploys go through CI.", shown)
                self.assertIn("fly.policy:4: deny fly deploy", shown)
                self.assertIn("In %s, app %s." % (work, app), shown)
                self.assertNotIn("bridle approve", shown)
        self.assertIn("A person counts.", self.question(t, "fly scale count 3"))
        self.assertEqual(self.ran(), [])

    def test_what_runs_cannot_write_the_question(self):
        self.start()
        t = self.open()
        t.type("echo sentinel; fly deploy \"$(printf '\\033[2J\\033[H\\033[8m\\rfly status\\n\\n')\"")
        shown = t.wait("\nsentinel", QUESTION)
        self.assertIn("[2J", shown)
        t.press("Enter")
        t.wait("not run")

    def test_nothing_is_asked_where_no_answer_could_help(self):
        self.start()
        t = self.open()
        for line in ("fly apps destroy app-api",):
            t.clear()
            t.type(line)
            self.assertEqual(self.status(t), 126)
            shown = t.screen()
            self.assertIn("Apps stay.", shown)
            self.assertNotIn("Run it?", shown)
        self.write("fly.policy", self.POLICY.replace("default pass", "default pass\npeople same"))
        end = time.monotonic() + terminal.DEADLINE
        while self.control("reload").get("ok") is not True:
            self.assertLess(time.monotonic(), end)
        t.clear()
        t.type("fly deploy")
        self.assertEqual(self.status(t), 126)
        self.assertNotIn("Run it?", t.screen())
        self.assertEqual(self.ran(), [])

    def test_the_question_is_at_the_terminal_whatever_is_redirected(self):
        self.start()
        t = self.open()
        self.write("real/fly", '#!/bin/sh\necho "$@: $(cat)"\n')
        os.chmod(self.path("real/fly"), 0o755)
        t.type("echo data | fly deploy >../out 2>../err")
        t.wait(QUESTION)
        t.type("y")
        self.assertEqual(self.status(t), 0)
        with open(self.path("out")) as out, open(self.path("err")) as err:
            self.assertEqual((out.read(), err.read()), ("deploy: data\n", ""))

    def test_no_daemon_no_question(self):
        t = self.open()
        t.type("fly deploy")
        self.assertEqual(self.status(t), 126)
        self.assertIn("bridled --detach", t.screen())
        self.assertNotIn("[y/N", t.screen())
        self.assertEqual(self.ran(), [])


if __name__ == "__main__":
    wire.main()
