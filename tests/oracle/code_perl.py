# SPDX-License-Identifier: ISC
"""Generated code in perl, awk and tcl: see tests/oracle/code_made.py."""
import json
from code_maker import Maker


class Perl(Maker):
    program_name, flag, ending = "perl", "-e", ".pl"
    forms = ["named", "added", "inside", "joined", "formatted", "replaced", "indexed", "returned", "parameter", "appended",
             "reversed", "packed"]
    lists = ["plain", "quoted", "array", "pushed", "split"]
    ways = ["system", "system", "system_list", "exec", "exec_block", "backquoted", "opened", "opened_list", "function", "evaluated",
            "environment", "for_each"]

    def quote(self, text):
        return "'%s'" % text.replace("\\", "\\\\").replace("'", "\\'")

    def named(self, t, depth):
        v = self.name()
        self.head.append("my $%s = %s;" % (v, self.text(t, depth)))
        return "$" + v

    def added(self, t, depth):
        a, b = self.cut(t)
        return "(%s . %s)" % (self.text(a, depth), self.text(b, depth))

    def inside(self, t, depth):
        a, b = self.cut(t)
        return '"%s%s"' % (a.replace("@", "\\@"), self.named(b, depth).replace("$", "${") + "}")

    def joined(self, t, _depth):
        return "join(' ', %s)" % self.list(t.split(" "))

    def formatted(self, t, depth):
        a, b = self.cut(t)
        return "sprintf('%s%%s', %s)" % (a, self.text(b, depth))

    def replaced(self, t, _depth):
        v = self.name()
        self.head.append("my $%s = %s; $%s =~ s/X/%s/;" % (v, self.quote("X" + t[1:]), v, t[0]))
        return "$" + v

    def indexed(self, t, depth):
        v = self.name()
        self.head.append("my %%%s = (k => %s);" % (v, self.text(t, depth)))
        return "$%s{k}" % v

    def returned(self, t, depth):
        f = self.name()
        self.head.append("sub %s { return %s }" % (f, self.text(t, depth)))
        return "%s()" % f

    def parameter(self, t, depth):
        f = self.name()
        a, b = self.cut(t)
        self.head.append("sub %s { my ($p) = @_; return %s . $p }" % (f, self.quote(a)))
        return "%s(%s)" % (f, self.text(b, depth))

    def appended(self, t, depth):
        v = self.name()
        a, b = self.cut(t)
        self.head += ["my $%s = %s;" % (v, self.quote(a)), "$%s .= %s;" % (v, self.text(b, depth))]
        return "$" + v

    def reversed(self, t, _depth):
        return "scalar reverse(%s)" % self.quote(t[::-1])

    def packed(self, t, _depth):
        return self.rng.choice(["pack('H*', '%s')" % t.encode().hex(), "join('', map { chr } (%s))" % ",".join(str(ord(c)) for c in t)])

    def plain(self, words):
        return "(%s)" % ", ".join(self.text(w, 2) for w in words)

    def quoted(self, words):
        return "qw(%s)" % " ".join(words)

    def array(self, words):
        v = self.name()
        self.head.append("my @%s = %s;" % (v, self.plain(words)))
        return "@" + v

    def pushed(self, words):
        v = self.name()
        self.head.append("my @%s;" % v)
        self.head += ["push @%s, %s;" % (v, self.text(w, 2)) for w in words]
        return "@" + v

    def split(self, words):
        return "split(' ', %s)" % self.text(" ".join(words), 2)

    def system(self, w):
        return self.rng.choice(["system(%s);", "system %s;"]) % self.text(" ".join(w))

    def system_list(self, w):
        return "system(%s);" % self.list(w)

    def exec(self, w):
        return "exec(%s);" % self.list(w)

    def exec_block(self, w):
        return "exec { %s } %s;" % (self.text(w[0], 1), self.list(w))

    def backquoted(self, w):
        v = self.named(" ".join(w), 1)
        return self.rng.choice(["print `%s`;", "my $o = qx{%s};", "print qx(%s);"]) % v

    def opened(self, w):
        return self.rng.choice(["open(my $f, '-|', %s); print <$f>;", "open(F, %s . '|'); print <F>;"]) % self.text(" ".join(w))

    def opened_list(self, w):
        return "open(my $f, '-|', %s); print <$f>;" % self.list(w)

    def function(self, w):
        f = self.name()
        body = self.rng.choice(["system(@_)", "my ($c) = @_; system($c)", "my $c = shift; system $c", "system $_[0]"])
        return "sub %s { %s }\n%s(%s);" % (f, body, f, self.text(" ".join(w)))

    def evaluated(self, w):
        return "eval %s;" % self.text("system(%s)" % self.quote(" ".join(w)), 1)

    def environment(self, w):
        words, app = ([w[0], w[1]], w[3]) if len(w) == 4 else (w, "x")
        return "$ENV{FLY_APP} = %s; system('%s');" % (self.text(app), " ".join(words))

    def for_each(self, w):
        return self.rng.choice(["for my $c ('true', %s) { system($c) }", "system($_) for ('true', %s);"]) % self.text(" ".join(w))


class Awk(Maker):
    program_name, flag, ending = "awk", "", ".awk"
    forms = ["named", "added", "formatted", "sliced", "indexed", "returned", "parameter", "replaced"]
    ways = ["system", "system", "piped", "read", "named_pipe", "for_each", "fed"]

    def quote(self, text):
        return json.dumps(text)

    def program(self, words):
        line = getattr(self, self.rng.choice(self.ways))(words)
        functions = [h for h in self.head if h.startswith("function")]
        return "\n".join(functions + ["BEGIN {"] + [h for h in self.head if h not in functions] + [line, "}"]) + "\n"

    def named(self, t, depth):
        v = self.name()
        self.head.append("%s = %s" % (v, self.text(t, depth)))
        return v

    def added(self, t, depth):
        a, b = self.cut(t)
        return "(%s %s)" % (self.text(a, depth), self.text(b, depth))

    def formatted(self, t, depth):
        a, b = self.cut(t)
        return 'sprintf("%s%%s", %s)' % (a, self.text(b, depth))

    def sliced(self, t, depth):
        return "substr(%s, 3)" % self.text("xx" + t, depth)

    def indexed(self, t, depth):
        v = self.name()
        self.head.append("%s[1] = %s" % (v, self.text(t, depth)))
        return "%s[1]" % v

    def returned(self, t, _depth):
        f = self.name()
        self.head.append("function %s() { return %s }" % (f, self.quote(t)))
        return "%s()" % f

    def parameter(self, t, depth):
        f = self.name()
        a, b = self.cut(t)
        self.head.append("function %s(p) { return %s p }" % (f, self.quote(a)))
        return "%s(%s)" % (f, self.text(b, depth))

    def replaced(self, t, _depth):
        v = self.name()
        self.head += ["%s = %s" % (v, self.quote("X" + t[1:])), 'sub(/X/, "%s", %s)' % (t[0], v)]
        return v

    def system(self, w):
        return "system(%s)" % self.text(" ".join(w))

    def piped(self, w):
        return 'print "" | %s' % self.text(" ".join(w))

    def read(self, w):
        return "%s | getline z" % self.text(" ".join(w))

    def named_pipe(self, w):
        v = self.name()
        return "%s = %s; print 1 | %s; close(%s)" % (v, self.text(" ".join(w)), v, v)

    def for_each(self, w):
        return 'n = split("true;%s", a, ";"); for (i = 1; i <= n; i++) system(a[i])' % " ".join(w)

    def fed(self, w):
        return 'print %s | "sh"' % self.text(" ".join(w))


class Tcl(Maker):
    program_name, flag, ending = "tclsh", None, ".tcl"
    forms = ["named", "joined", "formatted", "mapped", "indexed", "returned", "parameter", "appended", "reversed"]
    ways = ["exec", "exec", "expanded", "sh_c", "evaluated", "opened", "function", "for_each", "environment"]

    def quote(self, text):
        return "{%s}" % text if self.rng.random() < 0.5 else '"%s"' % text

    def named(self, t, depth):
        v = self.name()
        self.head.append("set %s %s" % (v, self.text(t, depth)))
        return "$" + v

    def joined(self, t, depth):
        return "[join [list %s]]" % " ".join(self.text(w, depth) for w in t.split(" "))

    def formatted(self, t, depth):
        a, b = self.cut(t)
        return "[format {%s%%s} %s]" % (a, self.text(b, depth))

    def mapped(self, t, _depth):
        return "[string map {X %s} {%s}]" % (t[0], "X" + t[1:])

    def indexed(self, t, depth):
        return "[lindex [list other %s] 1]" % self.text(t, depth)

    def returned(self, t, depth):
        f = self.name()
        self.head.append("proc %s {} { return {%s} }" % (f, t))
        return "[%s]" % f

    def parameter(self, t, depth):
        f = self.name()
        a, b = self.cut(t)
        self.head.append("proc %s {p} { return \"%s$p\" }" % (f, a))
        return "[%s %s]" % (f, self.text(b, depth))

    def appended(self, t, depth):
        v = self.name()
        a, b = self.cut(t)
        self.head += ["set %s {%s}" % (v, a), "append %s %s" % (v, self.text(b, depth))]
        return "$" + v

    def reversed(self, t, _depth):
        return "[string reverse {%s}]" % t[::-1]

    def exec(self, w):
        return "catch { exec %s }" % " ".join(self.text(x, 1) if self.rng.random() < 0.4 else x for x in w)

    def expanded(self, w):
        return "exec {*}%s" % self.text(" ".join(w), 1)

    def sh_c(self, w):
        return "exec sh -c %s" % self.text(" ".join(w), 1)

    def evaluated(self, w):
        return "eval exec %s" % self.text(" ".join(w), 1)

    def opened(self, w):
        return 'set f [open "|%s"]; puts [read $f]' % " ".join(self.text(x, 2).strip('{}"') for x in w)

    def function(self, w):
        f = self.name()
        return "proc %s {args} { exec {*}$args }\n%s %s" % (f, f, " ".join(self.text(x, 1) for x in w))

    def for_each(self, w):
        return "foreach c [list true %s] { exec sh -c $c }" % self.text(" ".join(w), 1)

    def environment(self, w):
        words, app = ([w[0], w[1]], w[3]) if len(w) == 4 else (w, "x")
        return "set env(FLY_APP) %s\nexec %s" % (self.text(app, 1), " ".join(words))
