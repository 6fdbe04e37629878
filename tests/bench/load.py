"""Load by h2load, and what it cost a process.

A load is bounded in time.  What is reported comes from a window in its middle:
the requests that ended there, and the CPU time that went by there.
"""

import contextlib
import dataclasses
import math
import os
import pathlib
import subprocess
import tempfile
import time

_TICKS = os.sysconf("SC_CLK_TCK")
_WARM_UP = 0.4
_COOL_DOWN = 0.1

# What the controller of HorizontalPodAutoscalers sends.
_HEADERS = ["Accept: application/vnd.kubernetes.protobuf, */*",
            "User-Agent: kube-controller-manager/v1.37.2 (linux/amd64)"]


@dataclasses.dataclass(frozen=True)
class Figures:
    p50: float  # milliseconds
    p90: float
    p99: float
    rate: float      # requests a second
    per_core: float  # requests for a second of the process' CPU time


def cpu_seconds(pid):
    """User and system time of all its threads, those that ended included."""
    fields = pathlib.Path(f"/proc/{pid}/stat").read_text().rsplit(")", 1)[1]
    user, system = fields.split()[11:13]
    return (int(user) + int(system)) / _TICKS


def memory(pid, field="VmRSS"):
    """MiB of a process: VmRSS now, VmHWM at its highest."""
    for line in pathlib.Path(f"/proc/{pid}/status").read_text().splitlines():
        if line.startswith(field + ":"):
            return int(line.split()[1]) / 1024
    raise AssertionError(f"no {field} of process {pid}")


def percentile(durations, part):
    """Of a sorted list: the smallest that `part` of them do not exceed."""
    return durations[max(0, math.ceil(part * len(durations)) - 1)]


class Load:
    """Asks one server.

    in_flight: connections of HTTP/1.1, or streams of one connection of HTTP/2.
    All ask paths[0], or, if `different`, never two the same at a time.
    """

    def __init__(self, server, paths, in_flight, http2=False, different=False,
                 headers=()):
        self._server = server
        self._paths = paths
        self._in_flight = in_flight
        self._http2 = http2
        self._different = different
        self._headers = [*_HEADERS, *headers]

    def run(self, pid, seconds):
        with tempfile.TemporaryDirectory() as name:
            return self._run(pathlib.Path(name), pid, seconds)

    def _run(self, folder, pid, seconds):
        with contextlib.ExitStack() as stack:
            children = []
            whole = _WARM_UP + seconds + _COOL_DOWN
            for number, command in enumerate(self._commands(folder, whole)):
                log = folder / f"{number}.log"
                children.append(subprocess.Popen(
                    [*command, f"--log-file={log}"], stdin=subprocess.DEVNULL,
                    stdout=(folder / f"{number}.out").open("w"),
                    stderr=subprocess.STDOUT))
                stack.callback(children[-1].wait)
                stack.callback(children[-1].kill)
            time.sleep(_WARM_UP)
            begin, cpu = time.time(), cpu_seconds(pid)
            time.sleep(seconds)
            end, cpu = time.time(), cpu_seconds(pid) - cpu
            for number, child in enumerate(children):
                if child.wait(timeout=30) != 0:
                    raise AssertionError(
                        (folder / f"{number}.out").read_text()[-2000:])
        durations = sorted(self._durations(folder, begin, end))
        if not durations:
            raise AssertionError(f"no answers to {self._paths[0]}")
        return Figures(
            *(percentile(durations, part) / 1000 for part in (.5, .9, .99)),
            rate=len(durations) / (end - begin),
            per_core=len(durations) / cpu if cpu > 0 else math.nan)

    def _commands(self, folder, seconds):
        """The clients of one h2load walk through its paths in step, so each
        client that must differ is a process of its own; the streams of a
        connection take one path after the other."""
        processes = 1
        if self._different and not self._http2:
            processes = self._in_flight
        common = ["h2load", "-D", f"{seconds * 1000:.0f}ms", "-t", "1"]
        for header in self._headers:
            common += ["-H", header]
        if self._http2:
            common += ["-c", "1", "-m", str(self._in_flight)]
        else:
            common += ["--h1", "-c", str(self._in_flight // processes)]
        for number in range(processes):
            some = (self._paths[number::processes] if self._different
                    else self._paths[:1])
            file = folder / f"{number}.paths"
            file.write_text("".join(f"{self._server}{p}\n" for p in some))
            yield [*common, "-i", file]

    def _durations(self, folder, begin, end):
        """Microseconds of the requests that ended in the window."""
        for log in folder.glob("*.log"):
            for line in log.read_text().splitlines():
                start, status, duration = line.split("\t")
                ended = (int(start) + int(duration)) / 1e6
                if not begin <= ended <= end:
                    continue
                if status != "200":
                    raise AssertionError(
                        f"{status} instead of 200 from {self._server}, "
                        f"{self._paths[0]} or another of {len(self._paths)}")
                yield int(duration)
