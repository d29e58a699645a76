#!/usr/bin/env python3
# SPDX-License-Identifier: ISC
"""test_selfgrant.py: what a process on the agent's side tries in order to lift
a deny by itself. None of ATTEMPTS may succeed. What user mode cannot stop
stands in OPEN, and in docs/threat-model.md in the same words.

The agent here is a process that runs hooks and nothing else: it has no
telltale name, so that only what the hooks taught the daemon tells.
"""
import json
import os
import shutil
import subprocess
import sys
import unittest

import terminal
import wire

ROOT = os.path.dirname(os.path.dirname(os.path.dirname(os.path.abspath(__file__))))

# Runs hooks as a client does, as its own children, and commands in sessions
# of their own without a terminal; each until nobody holds its output any more,
# so that what goes on in the background is waited for.
AGENT = r"""
import json, os, subprocess, sys
for line in sys.stdin:
    job = json.loads(line)
    if "event" in job:
        done = subprocess.run([job["hook"], job.get("kind", "PreToolUse")], input=json.dumps(job["event"]).encode(), capture_output=True)
    else:
        env = dict(os.environ, CLAUDECODE="1", CLAUDE_CODE_SESSION_ID="s1")
        done = subprocess.run(["bash", "-c", job["line"]], env=env, cwd=job["cwd"], stdin=subprocess.DEVNULL,
                              stdout=subprocess.PIPE, stderr=subprocess.STDOUT, start_new_session=True, timeout=120)
    out = done.stdout.decode("utf-8", "replace")
    print(json.dumps({"status": done.returncode, "out": out}), flush=True)
"""

# A program of the agent's: speaks the socket's language by itself.
FORGE = r"""
import json, os, pty, socket, struct, sys
where, code, what = sys.argv[1:4]
def frame(kind, fields):
    body = b"".join(bytes([t]) + struct.pack(">I", len(v)) + v for t, v in fields)
    return b"brdl\1" + bytes([kind, 0, 0]) + struct.pack(">I", len(body)) + body
def talk(*messages):
    s = socket.socket(socket.AF_UNIX)
    s.connect(where)
    s.settimeout(20)
    got = b""
    for m in messages:
        s.sendall(m)
        got = s.recv(65536)
        print(got)
    return got
def line(**kw):
    return json.dumps(kw).encode() + b"\n"
def hook(session, command):
    event = json.dumps({"hook_event_name": "PreToolUse", "tool_name": "Bash", "session_id": session,
                        "cwd": os.getcwd(), "tool_use_id": "t9", "tool_input": {"command": command}}).encode()
    env = ("PATH=%s\0HOME=%s\0" % (os.environ["PATH"], os.environ["HOME"])).encode()
    return frame(1, [(1, b"claude"), (2, b"PreToolUse"), (3, os.getcwd().encode()), (4, env), (8, b"\0"),
                     (7, b"0.1.0"), (5, event)])
def wrap(*argv):
    return frame(2, [(3, os.getcwd().encode()), (4, b"CLAUDE_CODE_SESSION_ID=terminal\0"), (8, b"\2"),
                     (6, b"".join(a.encode() + b"\0" for a in argv))])
def answer(ticket):
    return frame(3, [(9, ticket), (10, b"y")])
if what == "approve":
    talk(line(cmd="approve", code=code))
elif what == "more":
    talk(line(cmd="approve", code=code, pid=1, uid=0, person=True, terminal=True, tty="/dev/pts/0", uses=9))
elif what == "grant":
    talk(line(cmd="grant", cwd=os.getcwd(), argv=["fly", "deploy"], env=[]))
elif what == "many":
    for i in range(200):
        talk(line(cmd="approve", code="%04x" % i))
elif what == "child":
    r, w = os.pipe()
    if os.fork() == 0:
        os.close(w)
        os.setsid()
        if os.fork() == 0:
            os.read(r, 1)
            talk(line(cmd="approve", code=code))
            os._exit(0)
        os._exit(0)
    os.wait()
    os.close(w)
    talk(line(cmd="ping"))
elif what == "pty":
    pid, fd = pty.fork()
    if pid == 0:
        talk(line(cmd="approve", code=code))
        os._exit(0)
    try:
        while os.read(fd, 4096):
            pass
    except OSError:
        pass
    os.wait()
elif what == "ticket":
    for t in (b"", b"0" * 32, code.encode()):
        talk(answer(t))
elif what == "tty":
    talk(wrap("fly", "deploy"), answer(b"0" * 32))
elif what == "hook":
    talk(hook(code, "fly scale count 3"))
elif what == "deploy":
    talk(hook(code, "fly deploy"))
elif what == "done":
    event = json.dumps({"hook_event_name": "PostToolUse", "tool_name": "Bash", "session_id": "s1", "cwd": os.getcwd(),
                        "tool_use_id": "t1", "tool_input": {"command": "bridle approve " + code},
                        "tool_response": {"stdout": "approved"}}).encode()
    talk(frame(1, [(1, b"claude"), (2, b"PostToolUse"), (3, os.getcwd().encode()), (4, b""), (8, b"\0"),
                   (7, b"0.1.0"), (5, event)]))
"""

# (name, shell text that the agent runs). $CODE waits for a person: fly deploy
# in this folder. "No" as the third: the line itself names what only a person
# may do, so that the hook denies it before it runs.
ATTEMPTS = [
    ("plainly", 'bridle approve "$CODE"', "no"),
    ("grant", "bridle grant -- fly deploy", "no"),
    ("by another name", 'cp "$(command -v bridle)" ./vim && ./vim approve "$CODE"', None),
    ("script", 'script -qec "bridle approve $CODE" /dev/null', "no"),
    ("script, grant", 'script -qec "bridle grant --for 1h -- fly deploy" /dev/null', "no"),
    ("setsid", 'setsid bridle approve "$CODE"', "no"),
    ("setsid and script", 'setsid -w script -qec "bridle approve $CODE" /dev/null', "no"),
    ("nohup", 'nohup bridle approve "$CODE"', "no"),
    ("nohup and script", 'nohup script -qec "bridle approve $CODE" /dev/null', "no"),
    ("timeout, nice, stdbuf", 'timeout 9 nice stdbuf -o0 bridle approve "$CODE"', "no"),
    ("xargs", 'echo "$CODE" | xargs bridle approve', "no"),
    ("find -exec", 'find . -maxdepth 0 -exec bridle approve "$CODE" \\;', "no"),
    ("an empty environment", 'env -i PATH="$PATH" BRIDLE_SOCKET="$BRIDLE_SOCKET" script -qec "bridle approve $CODE" /dev/null', "no"),
    ("without the mark", 'env -u CLAUDECODE script -qec "bridle approve $CODE" /dev/null', "no"),
    ("without the session", 'env -u CLAUDECODE -u CLAUDE_CODE_SESSION_ID script -qec "bridle approve $CODE" /dev/null', "no"),
    ("as another user's shell", 'env -i PATH="$PATH" BRIDLE_SOCKET="$BRIDLE_SOCKET" TERM=xterm SHLVL=1 SSH_TTY=/dev/pts/0 script -qec "bash -lc \'bridle approve $CODE\'" /dev/null', "no"),
    ("a login shell's name", '(exec -a -bash env -i PATH="$PATH" BRIDLE_SOCKET="$BRIDLE_SOCKET" script -qec "bridle approve $CODE" /dev/null)', "no"),
    ("in the background", '(env -i PATH="$PATH" BRIDLE_SOCKET="$BRIDLE_SOCKET" bridle approve "$CODE" &)', None),
    ("orphaned, no terminal", '(setsid env -i PATH="$PATH" BRIDLE_SOCKET="$BRIDLE_SOCKET" bridle approve "$CODE" </dev/null &)', None),
    ("coproc", 'coproc bridle approve "$CODE"; wait', "no"),
    ("a trap", 'trap "bridle approve $CODE" EXIT; true', "no"),
    ("a script of its own", 'printf "#!/bin/sh\\nscript -qec \\"bridle approve $CODE\\" /dev/null\\n" >x.sh; chmod +x x.sh; ./x.sh', None),
    ("make", 'printf "all:\\n\\tscript -qec \\"bridle approve $CODE\\" /dev/null\\n" >M; make -f M', None),
    ("python's pty", 'python3 -c "import pty; pty.spawn([\'bridle\', \'approve\', \'$CODE\'])"', None),
    ("python's pty, no environment", 'env -i PATH="$PATH" BRIDLE_SOCKET="$BRIDLE_SOCKET" python3 -c "import pty; pty.spawn([\'bridle\', \'approve\', \'$CODE\'])"', None),
    ("expect", 'expect -c "spawn bridle approve $CODE; expect eof"', None),
    ("ssh-like: su", 'env -i PATH="$PATH" BRIDLE_SOCKET="$BRIDLE_SOCKET" script -qec "sh -c \'exec bridle approve $CODE\'" /dev/null', "no"),
    ("a namespace of its own", 'unshare -Upf --map-root-user script -qec "bridle approve $CODE" /dev/null', None),
    ("the terminal as a file", 'bridle approve "$CODE" <"$PERSON" >"$PERSON" 2>&1', "no"),
    ("writing to the person's terminal", 'printf "bridle approve %s\\n" "$CODE" >"$PERSON"', None),
    ("the socket: approve", 'python3 forge.py "$BRIDLE_SOCKET" "$CODE" approve', None),
    ("the socket: more than is asked", 'python3 forge.py "$BRIDLE_SOCKET" "$CODE" more', None),
    ("the socket: grant", 'python3 forge.py "$BRIDLE_SOCKET" "$CODE" grant', None),
    ("the socket: many codes", 'python3 forge.py "$BRIDLE_SOCKET" "$CODE" many', None),
    ("the socket: from an orphan", 'python3 forge.py "$BRIDLE_SOCKET" "$CODE" child', None),
    ("the socket: from a pty", 'env -i PATH="$PATH" python3 forge.py "$BRIDLE_SOCKET" "$CODE" pty', None),
    ("the socket: made-up tickets", 'python3 forge.py "$BRIDLE_SOCKET" "$CODE" ticket; fly deploy', None),
    ("the socket: says it has a terminal", 'python3 forge.py "$BRIDLE_SOCKET" "$CODE" tty; fly deploy', None),
    ("the socket: it was done already", 'python3 forge.py "$BRIDLE_SOCKET" "$CODE" done; fly deploy', None),
    ("a forged event's ticket", 'python3 forge.py "$BRIDLE_SOCKET" s1 hook; fly scale count 3', None),
    ("a forged event's ticket, new session", 'python3 forge.py "$BRIDLE_SOCKET" s7 hook; CLAUDE_CODE_SESSION_ID=s7 fly scale count 3', None),
    ("a forged event's ticket, the person's", 'python3 forge.py "$BRIDLE_SOCKET" terminal hook; CLAUDE_CODE_SESSION_ID=terminal fly scale count 3', None),
    ("the hook's own program", 'echo "$EVENT" | bridle-hook PreToolUse; fly scale count 3', None),
    ("the wrapper with a pty", 'env -i PATH="$PATH" BRIDLE_SOCKET="$BRIDLE_SOCKET" HOME="$HOME" script -qec "yes | fly deploy" /dev/null </dev/null', None),
    ("the wrapper with a pty, y typed", 'echo y | env -i PATH="$PATH" BRIDLE_SOCKET="$BRIDLE_SOCKET" HOME="$HOME" script -qec "fly deploy" /dev/null', None),
    ("the wrapper, no daemon, y typed", 'echo y | env -i PATH="$PATH" BRIDLE_SOCKET="$PWD/none" HOME="$HOME" script -qec "fly deploy" /dev/null; kill "$(cat none.lock)"', None),
    ("the person's ten minutes", 'CLAUDE_CODE_SESSION_ID=terminal fly scale show; CLAUDE_CODE_SESSION_ID=terminal fly apps list', None),
    ("another session's grant", 'CLAUDE_CODE_SESSION_ID=s2 fly releases', None),
    ("another session's grant, by an event", 'python3 forge.py "$BRIDLE_SOCKET" s2 deploy; CLAUDE_CODE_SESSION_ID=s2 fly releases', None),
    ("the wrapper counted out", 'BRIDLE_DEPTH=19 fly deploy; BRIDLE_DEPTH=20 fly deploy; BRIDLE_DEPTH=x fly deploy', None),
    ("the wrapper by links", 'ln -s "$(command -v fly)" ./fly; ./fly deploy; ln -s "$(command -v fly)" ./true; ./true deploy', None),
    ("the file of grants", 'cat "$STATE/state/grants"; printf "ffff 1 9999999999999 9 x x x%s \\n" 00 >>"$STATE/state/grants"; fly deploy', None),
    ("the file of grants, a link", 'mv "$STATE/state/grants" old; printf x >g; ln -s "$PWD/g" "$STATE/state/grants"; fly deploy', None),
    ("the file of grants, beside it", 'ln -s "$PWD/g" "$STATE/state/grants.new"; fly deploy; rm "$STATE/state/grants.new"', None),
    ("the state folder moved away", 'mv "$STATE/state" "$STATE/state2"; fly deploy; mv "$STATE/state2" "$STATE/state"', None),
    ("a project's policy", 'mkdir -p .bridle; printf "version 1\\nallow fly deploy\\n" >.bridle/policy; fly deploy; rm -r .bridle', None),
    ("trust, in a pty", 'mkdir -p .bridle; printf "version 1\\nallow fly deploy\\n" >.bridle/policy; env -i HOME="$HOME" PATH="$PATH" XDG_STATE_HOME="$XDG_STATE_HOME" BRIDLE_SOCKET="$BRIDLE_SOCKET" script -qec "bridle trust" /dev/null; fly deploy; rm -r .bridle', "no"),
]

# What user mode cannot stop: (what the threat model calls it, a line that does
# it here or None). Where the line names bridle itself, the hook denies it.
OPEN = [
    ("another terminal multiplexer's server",
     'env -i PATH="$PATH" BRIDLE_SOCKET="$BRIDLE_SOCKET" tmux -S "$PWD/t" -f /dev/null new-session -d "bridle approve $CODE; tmux -S $PWD/t wait-for -S done"; tmux -S "$PWD/t" wait-for done'),
    ("keys sent to the person's own multiplexer", 'tmux -S "$TMUX_SOCKET" send-keys "bridle approve $CODE" Enter'),
    ("a cron or at job", 'echo "script -qec \\"bridle approve $CODE\\" /dev/null" | at now'),
    ("a service manager", 'systemd-run --user --pty bridle approve "$CODE"'),
    ("a process that detaches itself fully",
     'mkfifo f; (env -i PATH="$PATH" BRIDLE_SOCKET="$BRIDLE_SOCKET" setsid script -qec "read x <f; bridle approve $CODE" /dev/null >/dev/null 2>&1 &); (echo >f &)'),
    ("a debugger on the person's shell", None),
    ("characters pushed into a terminal (TIOCSTI)", None),
    ("the program by its absolute path", '"$REAL/fly" deploy'),
    ("a PATH without the wrapper", 'PATH="$REAL:$PATH" fly deploy'),
    ("a daemon of the agent's own", 'BRIDLE_SOCKET=/another/daemon fly deploy'),
    ("editing the policy with a program", None),
    ("writing the state and killing the daemon", None),
]


class SelfGrant(wire.DaemonCase):
    POLICY = wire.DaemonCase.POLICY + """ask fly scale count
    because A person counts.
deny fly releases
    because Not now.
deny fly apps list
    because Not now either.
ask fly scale show
    because Nor that.
"""

    def setUp(self):
        super().setUp()
        for name in ("wrap", "real", "work"):
            os.mkdir(self.path(name))
        shutil.copy(wire.HOOK, self.path("wrap/fly"))
        self.write("real/fly", '#!/bin/sh\necho "$*" >>"%s"\n' % self.path("ran"))
        os.chmod(self.path("real/fly"), 0o755)
        self.write("work/forge.py", FORGE)
        self.work = self.path("work")
        self.start()
        self.agents = []

    def env(self, **more):
        # The test's own programs first: a bridle elsewhere on this machine is not meant.
        path = "%s:%s:%s:%s" % (os.path.join(wire.BUILD, "bin"), self.path("wrap"), self.path("real"),
                                os.environ.get("PATH", "/usr/bin:/bin"))
        return super().env(**dict({"PATH": path}, **more))

    def agent(self, **more):
        """Another agent, which has spoken to the daemon once."""
        p = subprocess.Popen([sys.executable, "-c", AGENT], env=self.env(STATE=self.path("state"), **more), cwd=self.work,
                             stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True, start_new_session=True)
        self.addCleanup(self.end, p)
        return p

    def end(self, p):
        p.stdin.close()
        p.wait(60)
        p.stdout.close()

    def job(self, agent, **what):
        agent.stdin.write(json.dumps(what) + "\n")
        agent.stdin.flush()
        return json.loads(agent.stdout.readline())

    def tell(self, agent, command, session="s1"):
        """The agent's hook: (decision, code)."""
        event = json.loads(self.event(command, session_id=session, cwd=self.work))
        got = self.job(agent, hook=wire.HOOK, event=event)
        if not got["out"]:
            return "pass", None
        out = json.loads(got["out"])["hookSpecificOutput"]
        reason = out["permissionDecisionReason"]
        code = reason.split("bridle approve ")[1].split()[0] if "bridle approve " in reason else None
        return out["permissionDecision"], code

    def ran(self):
        if not os.path.exists(self.path("ran")):
            return []
        with open(self.path("ran")) as f:
            return f.read().splitlines()

    def grants(self):
        return sorted(g["code"] for g in self.control("grants")["list"])

    def person(self, **more):
        t = terminal.Terminal(self.folder, self.env(**more))
        self.addCleanup(t.close)
        t.type("cd work")
        t.clear()
        return t

    def test_nobody_grants_to_himself(self):
        self.assertGreaterEqual(len(ATTEMPTS), 30)
        t = self.person()
        tty = t.tmux("display-message", "-p", "#{pane_tty}").strip()
        # A person's ten minutes at the wrapper, and a grant of another session.
        t.type("fly apps list")
        t.wait("Run it?")
        t.type("10")
        t.clear()
        other = self.agent()
        _, code = self.tell(other, "fly releases", "s2")
        t.type("bridle approve %s --uses 3" % code)
        t.wait("approved")
        t.clear()
        standing, ran = self.grants(), self.ran()
        self.assertEqual((len(standing), ran), (2, ["apps list"]))
        event = self.event("fly scale count 3", cwd=self.work).decode()
        agent = self.agent(PERSON=tty, TMUX_SOCKET=t.socket, REAL=self.path("real"), EVENT=event)
        for name, line, named in ATTEMPTS:
            with self.subTest(name):
                _, code = self.tell(agent, "fly deploy")
                self.assertTrue(code)
                if named:
                    self.assertEqual(self.tell(agent, line.replace("$CODE", code))[0], "deny")
                got = self.job(agent, line="CODE=%s; %s" % (code, line), cwd=self.work)
                self.assertEqual(self.grants(), standing, got)
                self.assertEqual(self.ran(), ran, got)
                self.assertIn(code, [p["code"] for p in self.control("pending")["list"]], got)
                self.assertNotIn("approved:", t.screen())
        # The same in a person's terminal: it was not for want of a way.
        _, code = self.tell(agent, "fly deploy")
        t.clear()
        t.type("bridle approve %s" % code)
        t.wait("approved")
        self.assertEqual(self.tell(agent, "fly deploy")[0], "allow")
        self.assertEqual(self.job(agent, line="fly deploy", cwd=self.work)["status"], 0)
        self.assertEqual(self.ran(), ran + ["deploy"])
        # Used up: neither the code nor the ticket goes a second time.
        self.assertEqual(self.tell(agent, "fly deploy")[0], "deny")
        self.job(agent, line="fly deploy; bridle approve %s" % code, cwd=self.work)
        self.assertEqual(self.ran(), ran + ["deploy"])

    def test_a_session_that_goes_on_in_another_process(self):
        first = self.agent()
        self.tell(first, "true")
        first.stdin.close()
        first.wait(60)
        again = self.agent()
        event = {"hook_event_name": "SessionStart", "source": "resume", "session_id": "s1", "cwd": self.work}
        self.job(again, hook=wire.HOOK, kind="SessionStart", event=event)
        _, code = self.tell(again, "fly deploy")
        got = self.job(again, line='env -u CLAUDECODE -u CLAUDE_CODE_SESSION_ID script -qec "bridle approve %s" /dev/null' % code,
                       cwd=self.work)
        self.assertIn("below an agent", got["out"])
        self.assertEqual(self.grants(), [])

    def test_what_is_open_is_said(self):
        """The threat model names each; lines that speak of bridle are denied by the hook."""
        with open(os.path.join(ROOT, "docs", "threat-model.md"), encoding="utf-8") as f:
            text = " ".join(f.read().split())
        agent = self.agent()
        for name, line in OPEN:
            with self.subTest(name):
                self.assertIn(name, text)
                if line and "bridle approve" in line:
                    _, code = self.tell(agent, "fly deploy")
                    self.assertIn(self.tell(agent, line.replace("$CODE", code))[0], ("deny", "ask"))


if __name__ == "__main__":
    wire.main()
