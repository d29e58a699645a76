#!/usr/bin/env python3
# SPDX-License-Identifier: ISC
"""test_log_secrets.py: secrets.corpus through the real daemon: no secret, and
no six bytes of one, may be in the record, in the answer's reason or in what
`bridle explain` shows; and what is none must stay. Prints the counts. EXPLAIN_ALL: explain all, not some. Secrets
are made here, of parts, so that no scanner takes them for real ones.
"""
import base64
import json
import os
import random
import re
import string
import subprocess
import unittest

import wire

HERE = os.path.dirname(os.path.abspath(__file__))
POLICIES = os.path.join(HERE, "..", "..", "policies")
BRIDLE = os.path.join(wire.BUILD, "bin", "bridle")
# Explaining is a program each, and a slow one under the sanitizers.
EXPLAINED = 1 if "EXPLAIN_ALL" in os.environ else 40 if wire.BUILD.endswith("-san") else 3
LETTERS = string.ascii_letters + string.digits
HEX = "0123456789abcdef"
LENGTHS = {"hex64": (HEX, 64), "hex32": (HEX, 32), "hex14": (HEX, 14), "hex12": (HEX, 12), "sha": (HEX, 40),
           "sha7": (HEX, 7), "lower16": (string.ascii_lowercase + string.digits, 16), "pw": (LETTERS, 18),
           "pw2": (LETTERS, 15), "ulid": (string.ascii_uppercase + string.digits, 26)}
TOKENS = {"ghp": ("gh", "p_", 36), "gho": ("gh", "o_", 36), "ghu": ("gh", "u_", 36), "ghs": ("gh", "s_", 36),
          "ghpat": ("github_", "pat_", 60), "glpat": ("gl", "pat-", 20), "akia": ("AK", "IA", 16),
          "skl": ("sk_l", "ive_", 24), "skt": ("sk_t", "est_", 24), "rkl": ("rk_l", "ive_", 24),
          "whsec": ("wh", "sec_", 32), "xoxb": ("xo", "xb-", 40), "xoxp": ("xo", "xp-", 40), "npm": ("n", "pm_", 36),
          "pypi": ("py", "pi-", 60), "skant": ("sk-", "ant-", 40), "skproj": ("sk-", "proj-", 48),
          "aiza": ("AI", "za", 35), "ya29": ("ya", "29.", 40), "dop": ("dop_", "v1_", 64), "hf": ("h", "f_", 34),
          "sg": ("S", "G.", 60), "shpat": ("sh", "pat_", 32), "dckr": ("dckr_", "pat_", 27),
          "fly": ("fm", "2_", 120), "fly2": ("fm", "2_", 80), "fo1": ("fo", "1_", 43)}


class Row:
    """A line of the corpus with its secrets filled in."""

    def __init__(self, number, text):
        self.random = random.Random(number)
        self.units = []  # of each secret: how each of its bytes is written
        self.made = {}
        self.text = re.sub("\u00ab([a-z0-9]+)(?:\\.([a-z]))?\u00bb", self.fill, text).replace("\u23ce", "\n")

    def some(self, alphabet, n):
        return "".join(self.random.choice(alphabet) for _ in range(n))

    def make(self, name):
        if name in LENGTHS:
            return self.some(*LENGTHS[name])
        if name in TOKENS:
            a, b, n = TOKENS[name]
            return a + b + self.some(string.ascii_uppercase + string.digits if name == "akia" else LETTERS, n)
        if name == "pw4":
            return self.some("ghjkmnpqrtvwxyz", 4)
        if name == "slack":
            return "T%s/B%s/%s" % (self.some(LETTERS, 8), self.some(LETTERS, 8), self.some(LETTERS, 24))
        if name == "uuid":
            return "-".join(self.some(HEX, n) for n in (8, 4, 4, 4, 12))
        if name == "basic":
            return base64.b64encode(("u:" + self.some(LETTERS, 18)).encode()).decode()
        if name == "jwt":
            return ".".join(base64.urlsafe_b64encode(t.encode()).decode().rstrip("=")
                            for t in ('{"alg":"HS256"}', '{"sub":"%s"}' % self.some(LETTERS, 9), self.some(LETTERS, 32)))
        head = "-----BEGIN " + "PRIVATE KEY-----"
        body = [self.some(LETTERS + "+/", 60) for _ in range(3)]
        self.units += [list(line) for line in body]
        newline = "\n" if name == "pem" else "\\n"
        return newline.join([head] + body + [head.replace("BEGIN", "END")])

    def fill(self, m):
        name, how = m.groups()
        plain = self.made.get(name) or self.make(name)
        self.made[name] = plain
        third = len(plain) // 3
        units = {None: list(plain), "x": ["\\x%02x" % ord(c) for c in plain], "o": ["\\%03o" % ord(c) for c in plain],
                 "u": ["\\u%04x" % ord(c) for c in plain], "b": ["\\" + c for c in plain], "d": list(plain),
                 "c": list(plain), "n": list(plain)}[how]
        if how == "d":
            units[third], units[2 * third] = '"' + units[third], '"' + units[2 * third]
        if how == "n":
            units[third] = "\\\n" + units[third]
        if how == "c":
            units[0], units[third], units[-1] = "'" + units[0], "''" + units[third], units[-1] + "'"
        if not name.startswith("pem"):
            self.units += [units, list(plain)]
        return "".join(units)

    def leaks(self, shown):
        """The first part of a secret that is in shown; None."""
        for units in self.units:
            n = min(6, len(units))
            for i in range(len(units) - n + 1):
                part = "".join(units[i:i + n])
                if part in shown:
                    return part
        return None


def rows(kind):
    with open(os.path.join(HERE, "secrets.corpus")) as f:
        lines = f.read().splitlines()
    return [Row(i, line[2:]) for i, line in enumerate(lines) if line.startswith(kind + "\t")]


def texts(value):
    """All strings of a JSON value, its names too."""
    if isinstance(value, dict):
        return [t for k, v in value.items() for t in [k] + texts(v)]
    if isinstance(value, list):
        return [t for v in value for t in texts(v)]
    return [value] if isinstance(value, str) else []


class Secrets(wire.DaemonCase):
    def setUp(self):
        super().setUp()
        policy = ["version 1"]
        for name in ("fly", "git", "shell"):
            policy.append("include " + os.path.abspath(os.path.join(POLICIES, name + ".policy")))
        self.write("fly.policy", "\n".join(policy) + "\n")
        self.start()
        self.assertTrue(self.control("status")["policy"]["loaded"], self.log_text())
        self.sock = wire.connect(self.path("socket"))
        self.addCleanup(self.sock.close)

    def shown(self, row):
        """What is kept and answered: {where: text}, and the record."""
        _, out, _ = self.ask(self.event(row.text), self.sock)
        record = self.records()[-1]
        self.assertEqual(record["event"], "decision")
        parts = texts({k: v for k, v in record.items() if k not in ("prev", "policy")})
        whole = re.sub(r"\[redacted:[0-9a-f]{16}\]", "[redacted]", "\n".join(parts))
        return {"record": whole, "answer": "\n".join(texts(json.loads(out))) if out else ""}, record

    def explain(self, row):
        done = subprocess.run([BRIDLE, "explain", "--policy", self.path("fly.policy"), "--", row.text],
                              env=self.env(), stdin=subprocess.DEVNULL, capture_output=True, timeout=60, check=False,
                              cwd=self.folder)
        return (done.stdout + done.stderr).decode()

    def test_none_leaks(self):
        leaked, lost = [], []
        corpus = rows("S")
        for i, row in enumerate(corpus):
            shown, record = self.shown(row)
            if i % EXPLAINED == 0:
                shown["explanation"] = self.explain(row)
            leaked += ["%s: %r of %s" % (where, row.leaks(text), row.text)
                       for where, text in shown.items() if row.leaks(text) is not None]
            first = row.text.split()[0]
            if not row.leaks(first) and "=" not in first and not record["command"].startswith(first):
                lost.append("%s of %s" % (record["command"], row.text))
        print("%d commands with secrets: %d leaked ... " % (len(corpus), len(leaked)), end="", flush=True)
        self.assertGreaterEqual(len(corpus), 300)
        self.assertEqual((leaked, lost), ([], []), "\n" + "\n".join(leaked + lost))

    def test_what_is_none_stays(self):
        over = []
        corpus = rows("C")
        for row in corpus:
            shown, record = self.shown(row)
            if "[redacted" in shown["record"] + shown["answer"] or record["command"] != row.text:
                over.append("%s of %s" % (record["command"], row.text))
        print("%d without: %d redacted ... " % (len(corpus), len(over)), end="", flush=True)
        self.assertGreaterEqual(len(corpus), 150)
        self.assertLessEqual(len(over) / len(corpus), 0.02, "\n" + "\n".join(over))


if __name__ == "__main__":
    wire.main()
