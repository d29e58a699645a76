# SPDX-License-Identifier: ISC
"""What the makers of code in one language share: see tests/oracle/code_made.py."""
import json

# What is not followed: the value may be any.
HIDES = ["sliced", "replaced", "coded", "chars", "reversed", "packed", "mapped"]


class Maker:
    """One program: statements (head) before expressions that have a known value."""
    forms = lists = ways = ()

    def __init__(self, rng, hides):
        self.rng = rng
        self.hides = hides
        self.head = []
        self.names = 0
        self.env = {}

    def name(self):
        self.names += 1
        return self.rng.choice(["c", "cmd", "args", "app", "x", "v"]) + str(self.names)

    def quote(self, text):
        if "'" in text or "\\" in text or self.rng.random() < 0.5:
            return json.dumps(text)
        return "'%s'" % text

    def text(self, t, depth=0):
        """An expression that is this text."""
        if t == "" or depth > 2 or self.rng.random() < 0.25:
            return self.quote(t)
        forms = [f for f in self.forms if self.hides or f not in HIDES]
        return getattr(self, self.rng.choice(forms))(t, depth + 1)

    def cut(self, t):
        i = self.rng.randrange(len(t) + 1)
        if self.rng.random() < 0.5 and " " in t:
            i = t.rindex(" ") + 1
        return t[:i], t[i:]

    def list(self, words):
        if len(words) < 2:
            return self.plain(words)
        return getattr(self, self.rng.choice(self.lists))(words)

    def program(self, words):
        way = getattr(self, self.rng.choice(self.ways))
        line = way(words)
        return "\n".join(self.head + [line]) + "\n"
