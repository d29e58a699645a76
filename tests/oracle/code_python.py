# SPDX-License-Identifier: ISC
"""Generated code in python and node: see tests/oracle/code_made.py."""
import base64
from code_maker import Maker


class Python(Maker):
    program_name, flag, ending = "python3", "-c", ".py"
    forms = ["named", "added", "fstring", "percent", "formatted", "joined", "sliced", "replaced", "indexed", "dicted",
             "parameter", "returned", "looped", "appended", "defaulted", "stripped", "coded", "chars"]
    lists = ["plain", "named_list", "split", "put", "pushed", "extended", "starred", "comprehended", "shlexed"]
    ways = ["system", "system", "run_shell", "run_list", "run_list", "run_list", "popen", "execvp", "spawnvp", "sh_c", "fed",
            "evaluated", "function", "function_list", "by_name", "imported", "environment", "env_given", "for_each", "classed"]

    def named(self, t, depth):
        v = self.name()
        self.head.append("%s = %s" % (v, self.text(t, depth)))
        return v

    def added(self, t, depth):
        a, b = self.cut(t)
        return "(%s + %s)" % (self.text(a, depth), self.text(b, depth))

    def fstring(self, t, depth):
        a, b = self.cut(t)
        return 'f"%s{%s}"' % (a, self.named(b, depth))

    def percent(self, t, depth):
        a, b = self.cut(t)
        return '("%s%%s" %% %s)' % (a, self.text(b, depth))

    def formatted(self, t, depth):
        a, b = self.cut(t)
        return self.rng.choice(['"%s{}".format(%s)', '"%s{0}".format(%s)']) % (a, self.text(b, depth))

    def joined(self, t, depth):
        if self.rng.random() < 0.2:
            return '"".join([%s])' % ", ".join(self.quote(c) for c in t)
        return '" ".join(%s)' % self.list(t.split(" "))

    def sliced(self, t, _depth):
        return self.rng.choice(["%s[2:]" % self.quote("xx" + t), "%s[::-1]" % self.quote(t[::-1])])

    def replaced(self, t, depth):
        return "%s.replace('X', %s)" % (self.quote("X" + t[1:] if "X" not in t else t), self.text(t[:1], depth))

    def indexed(self, t, depth):
        return "[%s, 'other'][0]" % self.text(t, depth)

    def dicted(self, t, depth):
        v = self.name()
        self.head.append("%s = {'k': %s}" % (v, self.text(t, depth)))
        return self.rng.choice(["%s['k']", "%s.get('k')"]) % v

    def parameter(self, t, depth):
        f = self.name()
        a, b = self.cut(t)
        self.head.append("def %s(p):\n    return %s + p" % (f, self.quote(a)))
        return "%s(%s)" % (f, self.text(b, depth))

    def returned(self, t, depth):
        f = self.name()
        self.head.append("%s = lambda: %s" % (f, self.text(t, depth)))
        return "%s()" % f

    def looped(self, t, _depth):
        v = self.name()
        self.head.append("for %s in ['other', %s]:\n    pass" % (v, self.quote(t)))
        return v

    def appended(self, t, depth):
        v = self.name()
        a, b = self.cut(t)
        self.head += ["%s = %s" % (v, self.quote(a)), "%s += %s" % (v, self.text(b, depth))]
        return v

    def defaulted(self, t, _depth):
        f = self.name()
        self.head.append("def %s(p=%s):\n    return p" % (f, self.quote(t)))
        return "%s()" % f

    def stripped(self, t, _depth):
        return self.quote(" %s " % t) + ".strip()"

    def coded(self, t, _depth):
        if self.rng.random() < 0.5:
            return "__import__('base64').b64decode('%s').decode()" % base64.b64encode(t.encode()).decode()
        return "bytes.fromhex('%s').decode()" % t.encode().hex()

    def chars(self, t, _depth):
        return "''.join(map(chr, %s))" % [ord(c) for c in t]

    def plain(self, words):
        return "[%s]" % ", ".join(self.text(w, 2) for w in words)

    def named_list(self, words):
        v = self.name()
        self.head.append("%s = %s" % (v, self.plain(words)))
        return v

    def split(self, words):
        return "%s.split()" % self.text(" ".join(words), 2)

    def shlexed(self, words):
        return "__import__('shlex').split(%s)" % self.text(" ".join(words), 2)

    def put(self, words):
        i = self.rng.randrange(1, len(words)) if len(words) > 1 else 1
        return "%s + %s" % (self.plain(words[:i]), self.list(words[i:]))

    def pushed(self, words):
        v = self.name()
        self.head.append("%s = []" % v)
        self.head += ["%s.append(%s)" % (v, self.text(w, 2)) for w in words]
        return v

    def extended(self, words):
        v = self.name()
        self.head += ["%s = %s" % (v, self.plain(words[:1])), "%s.extend(%s)" % (v, self.plain(words[1:]))]
        return v

    def starred(self, words):
        return "[%s, *%s]" % (self.quote(words[0]), self.list(words[1:]) if len(words) > 1 else "[]")

    def comprehended(self, words):
        return "[w for w in %s]" % self.plain(words)

    def system(self, w):
        return "import os\nos.system(%s)" % self.text(" ".join(w))

    def run_shell(self, w):
        f = self.rng.choice(["run", "call", "check_output", "check_call", "getoutput"])
        shell = "" if f == "getoutput" else ", shell=True"
        return "import subprocess\nsubprocess.%s(%s%s)" % (f, self.text(" ".join(w)), shell)

    def run_list(self, w):
        f = self.rng.choice(["run(%s)", "call(%s)", "check_call(%s)", "Popen(%s).wait()", "check_output(args=%s)"])
        return "import subprocess as sp\nsp." + f % self.list(w)

    def popen(self, w):
        return "import os\nprint(os.popen(%s).read())" % self.text(" ".join(w))

    def execvp(self, w):
        v = self.name()
        self.head.append("%s = %s" % (v, self.list(w)))
        return "import os\nos.execvp(%s[0], %s)" % (v, v)

    def spawnvp(self, w):
        return "import os\nos.spawnlp(os.P_WAIT, %s)" % ", ".join(self.text(x, 1) for x in w[:1] + w)

    def sh_c(self, w):
        return "import subprocess\nsubprocess.run(['sh', '-c', %s])" % self.text(" ".join(w))

    def fed(self, w):
        return "import subprocess\nsubprocess.run(['sh'], input=%s, text=True)" % self.text(" ".join(w))

    def evaluated(self, w):
        code = "__import__('os').system(%s)" % self.quote(" ".join(w))
        return self.rng.choice(["eval(%s)", "exec(%s)", "exec(compile(%s, 'x', 'exec'))"]) % self.text(code, 1)

    def function(self, w):
        f = self.name()
        body = self.rng.choice(["os.system(c)", "subprocess.run(c, shell=True)", "subprocess.run(['sh', '-c', c])", "subprocess.call(c.split())"])
        return "import os, subprocess\ndef %s(c):\n    %s\n%s(%s)" % (f, body, f, self.text(" ".join(w)))

    def function_list(self, w):
        f = self.name()
        call = "%s(%s)" % (f, ", ".join(self.text(x, 1) for x in w))
        return "import subprocess\ndef %s(*a):\n    subprocess.run(%s)\n%s" % (f, self.rng.choice(["a", "list(a)", "[*a]"]), call)

    def by_name(self, w):
        way = self.rng.choice(["getattr(os, 'sys' + 'tem')", "getattr(os, 'popen')", "os.__dict__['system']", "(lambda c: os.system(c))"])
        return "import os\n%s(%s)" % (way, self.text(" ".join(w)))

    def imported(self, w):
        way, f = self.rng.choice([("from os import system as r", "r(%s)"), ("from subprocess import getoutput as g", "g(%s)"),
                                  ("import os as o", "o.system(%s)"), ("import os; r = os.system", "r(%s)")])
        return way + "\n" + f % self.text(" ".join(w))

    def environment(self, w):
        words, app = ([w[0], w[1]], w[3]) if len(w) == 4 else (w, "x")
        way = self.rng.choice(["os.environ['FLY_APP'] = %s", "os.environ.update(FLY_APP=%s)", "os.environ.setdefault('FLY_APP', %s)",
                               "os.putenv('FLY_APP', %s)"])
        return "import os\n%s\nos.system('%s')" % (way % self.text(app), " ".join(words))

    def env_given(self, w):
        words, app = ([w[0], w[1]], w[3]) if len(w) == 4 else (w, "x")
        way = self.rng.choice(["{**os.environ, 'FLY_APP': %s}", "dict(os.environ, FLY_APP=%s)", "os.environ | {'FLY_APP': %s}"])
        return "import os, subprocess\nsubprocess.run(%s, env=%s)" % (words, way % self.text(app))

    def for_each(self, w):
        return "import os\nfor c in [%s, %s]:\n    os.system(c)" % (self.quote("true"), self.text(" ".join(w)))

    def classed(self, w):
        return "import os\nclass T:\n    def __init__(self, c):\n        self.c = c\n    def run(self):\n        os.system(self.c)\n" \
            "T(%s).run()" % self.text(" ".join(w))


class Node(Maker):
    program_name, flag, ending = "node", "-e", ".js"
    forms = ["named", "added", "template", "joined", "sliced", "replaced", "indexed", "returned", "parameter", "appended", "coded",
             "chars", "concatenated"]
    lists = ["plain", "named_list", "split", "put", "pushed", "spread", "filtered"]
    ways = ["exec", "exec", "spawn", "spawn", "spawn_shell", "sh_c", "function", "destructured", "evaluated", "environment",
            "for_each", "mapped", "imported"]

    def named(self, t, depth):
        v = self.name()
        self.head.append("%s %s = %s;" % (self.rng.choice(["const", "let", "var"]), v, self.text(t, depth)))
        return v

    def added(self, t, depth):
        a, b = self.cut(t)
        return "(%s + %s)" % (self.text(a, depth), self.text(b, depth))

    def template(self, t, depth):
        a, b = self.cut(t)
        return "`%s${%s}`" % (a, self.text(b, depth))

    def joined(self, t, _depth):
        return "%s.join(' ')" % self.list(t.split(" "))

    def sliced(self, t, _depth):
        return self.rng.choice(["%s.slice(2)" % self.quote("xx" + t), "%s.split('').reverse().join('')" % self.quote(t[::-1])])

    def replaced(self, t, depth):
        return "%s.replace('X', %s)" % (self.quote("X" + t[1:]), self.text(t[:1], depth))

    def indexed(self, t, depth):
        return self.rng.choice(["[%s, 'other'][0]", "({k: %s}).k"]) % self.text(t, depth)

    def returned(self, t, depth):
        f = self.name()
        self.head.append("const %s = () => %s;" % (f, self.text(t, depth)))
        return "%s()" % f

    def parameter(self, t, depth):
        f = self.name()
        a, b = self.cut(t)
        self.head.append("function %s(p) { return %s + p; }" % (f, self.quote(a)))
        return "%s(%s)" % (f, self.text(b, depth))

    def appended(self, t, depth):
        v = self.name()
        a, b = self.cut(t)
        self.head += ["let %s = %s;" % (v, self.quote(a)), "%s += %s;" % (v, self.text(b, depth))]
        return v

    def coded(self, t, _depth):
        return self.rng.choice(["Buffer.from('%s', 'base64').toString()", "atob('%s')"]) % base64.b64encode(t.encode()).decode()

    def chars(self, t, _depth):
        return "String.fromCharCode(%s)" % ",".join(str(ord(c)) for c in t)

    def concatenated(self, t, depth):
        a, b = self.cut(t)
        return "%s.concat(%s)" % (self.quote(a), self.text(b, depth))

    def plain(self, words):
        return "[%s]" % ", ".join(self.text(w, 2) for w in words)

    def named_list(self, words):
        v = self.name()
        self.head.append("const %s = %s;" % (v, self.plain(words)))
        return v

    def split(self, words):
        return "%s.split(' ')" % self.text(" ".join(words), 2)

    def put(self, words):
        return "%s.concat(%s)" % (self.plain(words[:1]), self.plain(words[1:]))

    def pushed(self, words):
        v = self.name()
        self.head.append("const %s = [];" % v)
        self.head += ["%s.push(%s);" % (v, self.text(w, 2)) for w in words]
        return v

    def spread(self, words):
        return "[%s...%s]" % ("%s, " % self.quote(words[0]) if words else "", self.plain(words[1:]))

    def filtered(self, words):
        return "%s.map(w => w)" % self.plain(words)

    def exec(self, w):
        return "require('child_process').%s(%s)" % (self.rng.choice(["execSync", "exec"]), self.text(" ".join(w)))

    def spawn(self, w):
        f = self.rng.choice(["spawnSync", "spawn", "execFileSync"])
        return "const cp = require('node:child_process'); cp.%s(%s, %s)" % (f, self.text(w[0], 1), self.list(w[1:]))

    def spawn_shell(self, w):
        return "require('child_process').spawnSync(%s, {shell: true})" % self.text(" ".join(w))

    def sh_c(self, w):
        return "require('child_process').spawnSync('sh', ['-c', %s])" % self.text(" ".join(w))

    def function(self, w):
        f = self.name()
        body = self.rng.choice(["cp.execSync(c)", "cp.spawnSync('sh', ['-c', c])", "cp.spawnSync(c, {shell: true})"])
        head = self.rng.choice(["function %s(c) { %s }", "const %s = c => { %s }", "const %s = (c) => %s"]) % (f, body)
        return "const cp = require('child_process');\n%s;\n%s(%s)" % (head, f, self.text(" ".join(w)))

    def destructured(self, w):
        return "const { execSync: r } = require('child_process'); r(%s)" % self.text(" ".join(w))

    def evaluated(self, w):
        code = "require('child_process').execSync(%s)" % self.quote(" ".join(w))
        return self.rng.choice(["eval(%s)", "new Function('require', %s)(require)"]) % self.text(code, 1)

    def environment(self, w):
        words, app = ([w[0], w[1]], w[3]) if len(w) == 4 else (w, "x")
        way = self.rng.choice(["process.env.FLY_APP = %s; cp.execSync('%s')",
                               "process.env['FLY_APP'] = %s; cp.execSync('%s')",
                               "const e = {...process.env, FLY_APP: %s}; cp.execSync('%s', {env: e})"])
        return "const cp = require('child_process'); " + way % (self.text(app), " ".join(words))

    def for_each(self, w):
        return "for (const c of ['true', %s]) require('child_process').execSync(c)" % self.text(" ".join(w))

    def mapped(self, w):
        return "[%s].forEach(c => require('child_process').execSync(c))" % self.text(" ".join(w))

    def imported(self, w):
        return "const m = 'child_' + 'process'; require(m)['execSync'](%s)" % self.text(" ".join(w))
