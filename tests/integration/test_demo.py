"""`deploy/local/up` shows values for every example, and leaves nothing behind."""

import json
import os
import pathlib
import re
import signal
import subprocess
import tempfile
import unittest

from support import paths
from support.process import Process, wait_until

UP = paths.CHECKOUT / "deploy" / "local" / "up"


def ctrl_c_ends_it():
    # Whoever runs in the background of a script is started with it ignored.
    signal.signal(signal.SIGINT, signal.SIG_DFL)


class Demo(Process):
    """`up` in a process group of its own, as a terminal would have it."""

    def __init__(self, folder, *arguments):
        super().__init__("up", [UP, *arguments], pathlib.Path(folder) / "up.log",
                         start_new_session=True, preexec_fn=ctrl_c_ends_it)

    def wait_for(self, text):
        self.wait_until(f"it says {text}", lambda: text in self.log(), 120)

    def press_ctrl_c(self):
        """Its exit code, once nothing of the group runs any more."""
        os.killpg(self.pid, signal.SIGINT)
        code = self.wait()
        wait_until("the whole group has ended", self._group_has_ended)
        return code

    def _group_has_ended(self):
        try:
            os.killpg(self.pid, 0)
            return False
        except ProcessLookupError:
            return True


@unittest.skipIf(paths.SERVERS, "it starts this machine's Prometheus")
class DemoTest(unittest.TestCase):
    def start(self, *arguments):
        folder = self.enterContext(tempfile.TemporaryDirectory())
        demo = Demo(folder, *arguments)
        self.addCleanup(demo.stop)
        return demo

    def test_up_once_shows_request_query_and_answer(self):
        for file in sorted(paths.EXAMPLES.glob("*/request.txt")):
            name = file.parent.name
            scenario = json.loads((paths.SCENARIOS / f"{name}.json").read_text())
            request = scenario["requests"][0]
            with self.subTest(name):
                done = subprocess.run(
                    [UP, "--once", "--seed", name],
                    stdin=subprocess.DEVNULL, stdout=subprocess.PIPE,
                    stderr=subprocess.STDOUT, text=True, timeout=120,
                    check=False)
                self.assertEqual(done.returncode, 0, done.stdout)
                self.assertIn(f"request   GET {request['path']}\n", done.stdout)
                self.assertIn(f"query     {request['promql']}\n", done.stdout)

    def test_its_commands_work_until_ctrl_c_which_ends_it_well(self):
        demo = self.start()
        demo.wait_for("Rules and objects: ")
        commands = re.findall(r"^  curl (.*)$", demo.log(), re.MULTILINE)
        self.assertEqual(len(commands), 5, demo.log())
        for command in commands:
            with self.subTest(command):
                done = subprocess.run(
                    ["bash", "-c", "curl -sS --fail --max-time 20 " + command],
                    capture_output=True, text=True, timeout=30, check=False)
                self.assertEqual((done.returncode, done.stderr), (0, ""))
                self.assertNotEqual(done.stdout, "")
        self.assertEqual(demo.press_ctrl_c(), 0, demo.tail())

    def test_ctrl_c_before_the_answer_is_a_failure(self):
        for arguments in ([], ["--once"]):
            with self.subTest(arguments):
                demo = self.start(*arguments)
                demo.wait_for("[5/8]")
                self.assertEqual(demo.press_ctrl_c(), 130, demo.tail())

    def test_an_unknown_example_is_refused(self):
        done = subprocess.run(
            [UP, "--seed", "nope"],
            capture_output=True, text=True, timeout=20, check=False)
        self.assertEqual(
            (done.returncode, done.stderr),
            (1, "error: no such example: nope; see --help\n"))
