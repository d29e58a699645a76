# SPDX-License-Identifier: ISC
"""Generated code in python, node, perl, awk and tcl that runs one command: see tests/oracle/code."""
import shlex
from code_perl import Awk, Perl, Tcl
from code_python import Node, Python

DEPLOY = ["fly", "deploy", "-a", "app-api"]
HARMLESS = [["ls", "-a"], ["echo", "a", "b"], ["sort", "x"], ["date"]]
NAMES_FLY = [["fly", "status", "-a", "app-api"], ["fly", "deploy", "-a", "app-dev"], ["fly", "logs", "-a", "app-api"]]

LANGUAGES = {"python3": Python, "node": Node, "perl": Perl, "awk": Awk, "tclsh": Tcl}


def heredoc(before, code):
    return "%s <<'END'\n%sEND\n" % (before, code)


def line(rng, m, code):
    """The line that runs the code: as a word, written to a file, fed."""
    name, file = m.program_name, "x" + m.ending
    ways = ["file", "file", "bang"] + (["word"] * 4 if m.flag is not None else []) + (["fed", "piped"] if m.flag != "" else [])
    way = rng.choice(ways)
    if way == "word":
        return " ".join(w for w in (name, m.flag, shlex.quote(code)) if w)
    if way == "fed":
        return heredoc(name + rng.choice(["", " -"] if name not in ("tclsh",) else [""]), code)
    if way == "piped":
        return "printf %%s %s | %s" % (shlex.quote(code), name)
    if way == "bang":
        bang = "#!/usr/bin/env %s\n" % name if name != "awk" else "#!/usr/bin/awk -f\n"
        return heredoc("cat > " + file, bang + code) + "chmod +x %s; ./%s" % (file, file)
    return heredoc("cat > " + file, code) + "%s %s%s" % (name, "-f " if name == "awk" else "", file)


def case(rng, here):
    kind = rng.choice(["deploy", "deploy", "deploy", "harmless", "names"])
    m = LANGUAGES[rng.choice(here)](rng, kind == "deploy")
    words = {"deploy": [DEPLOY], "harmless": HARMLESS, "names": NAMES_FLY}[kind]
    code = m.program(rng.choice(words))
    return {"line": line(rng, m, code), "files": {}, "deploys": kind == "deploy", "names": kind != "harmless"}
