"""Child processes of a test, and waiting for conditions."""

import pathlib
import subprocess
import time


def wait_until(what, condition, seconds=20, context=lambda: ""):
    """Returns the first true value of condition(), or fails saying `what`.

    Between two looks it pauses a little; `context()` is added to the failure.
    """
    end = time.monotonic() + seconds
    while True:
        value = condition()
        if value:
            return value
        if time.monotonic() > end:
            raise AssertionError(
                f"waited {seconds} s in vain until {what}\n{context()}")
        time.sleep(0.02)


class Process:
    """A started program with its output in a file, ended by its own id."""

    def __init__(self, name, command, log, **options):
        self.name = name
        self._log = pathlib.Path(log)
        with self._log.open("ab") as output:
            self._child = subprocess.Popen(
                [str(part) for part in command], stdin=subprocess.DEVNULL,
                stdout=output, stderr=subprocess.STDOUT, **options)

    @property
    def pid(self):
        return self._child.pid

    def log(self, start=0):
        """What it has written, from that byte on."""
        return self._log.read_bytes()[start:].decode(errors="replace")

    def log_size(self):
        return self._log.stat().st_size

    def tail(self):
        return f"--- the end of {self._log}:\n" + "\n".join(
            self.log().splitlines()[-30:])

    def ended(self):
        return self._child.poll() is not None

    def wait_until(self, what, condition, seconds=20):
        """As the function, but fails at once when the program has ended."""
        def look():
            value = condition()
            if not value and self.ended():
                raise AssertionError(
                    f"{self.name} ended with {self._child.returncode} before "
                    f"{what}\n{self.tail()}")
            return value
        return wait_until(what, look, seconds, self.tail)

    def wait(self, seconds=20):
        """Its exit code, once it has ended by itself."""
        try:
            return self._child.wait(seconds)
        except subprocess.TimeoutExpired:
            self.kill()
            raise AssertionError(
                f"{self.name} runs on after {seconds} s\n{self.tail()}") from None

    def signal(self, number):
        self._child.send_signal(number)

    def terminate(self):
        self._child.terminate()

    def kill(self):
        self._child.kill()
        self._child.wait()

    def stop(self):
        """Asks it to end, and returns its exit code."""
        if not self.ended():
            self.terminate()
        return self.wait()
