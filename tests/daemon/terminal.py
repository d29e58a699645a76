# SPDX-License-Identifier: ISC
"""terminal.py: a person's terminal: a window of a tmux server of the test's
own, to which keys are sent and whose screen is read. The server stands below
no other process, so nothing of how the tests were started shows in it.
"""
import os
import subprocess
import time

DEADLINE = 60
PROMPT = "ready> "


class Terminal:
    def __init__(self, folder, env, shell="sh", name="tmux"):
        self.socket = os.path.join(folder, name)
        self.env = dict(env, TERM="screen", LC_ALL="C.UTF-8", HOME=folder, ENV="", HISTFILE="")
        self.tmux("-f", "/dev/null", "new-session", "-d", "-x", "240", "-y", "60", "-c", folder, *shell.split())
        self.tmux("set-option", "-g", "remain-on-exit", "on")
        try:
            self.type("PS1='ready''> '")
            self.wait(PROMPT)
        except BaseException:
            self.close()
            raise

    def tmux(self, *args):
        return subprocess.run(["tmux", "-S", self.socket, *args], env=self.env, stdin=subprocess.DEVNULL,
                              capture_output=True, timeout=DEADLINE, check=True).stdout.decode()

    def screen(self):
        """What stands there, lines that were wrapped joined again."""
        return self.tmux("capture-pane", "-p", "-J")

    def wait(self, *texts):
        """The screen, once all of this stands on it: texts, or a compiled pattern."""
        end = time.monotonic() + DEADLINE
        while True:
            shown = self.screen()
            if all(t in shown if isinstance(t, str) else t.search(shown) for t in texts):
                return shown
            assert time.monotonic() < end, "no %r on the screen:\n%s" % (texts, shown.rstrip())
            time.sleep(0.02)

    def press(self, *keys):
        """Keys by tmux's names: Enter, C-c …"""
        self.tmux("send-keys", "--", *keys)

    def type(self, line):
        self.tmux("send-keys", "-l", "--", line)
        self.press("Enter")

    def clear(self):
        """An empty screen with a prompt."""
        self.tmux("send-keys", "-R")
        self.press("Enter")
        self.wait(PROMPT)

    def close(self):
        subprocess.run(["tmux", "-S", self.socket, "kill-server"], env=self.env, capture_output=True, check=False)
