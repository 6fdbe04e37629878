#!/usr/bin/env python3
"""Measures sextant, and what it stands on, on this machine.

usage: tests/bench/run [--runs N] [--quick] [--peer BINARY] [--output FORMAT]

A real Prometheus gets its series from here; everything listens on 127.0.0.1.
The tables go to the standard output, progress to the standard error.  A full
run takes about ten minutes and wants a machine that does nothing else.
"""

import argparse
import contextlib
import datetime
import pathlib
import platform
import shutil
import statistics
import subprocess
import sys
import tempfile
import time
import urllib.parse

import series
import world
from counting_proxy import CountingProxy
from load import Load, cpu_seconds, memory, percentile
from peer import KubernetesApi, start_peer
from report import Table, number, spread, target
from support import paths

IN_FLIGHT = (1, 16, 100)
CUSTOM_DISCOVERY = "/apis/custom.metrics.k8s.io/v1beta1"

_begun = time.monotonic()


def say(text):
    print(f"[{time.monotonic() - _begun:4.0f}s] {text}", file=sys.stderr,
          flush=True)


class DataSet:
    def __init__(self, title, names, pods, values_for=0):
        self.title = title
        self.names = names
        self.pods = pods
        self.values_for = values_for


SMALL = DataSet("10 k", 100, 100)
MIDDLE = DataSet("200 k", 100, 2000, values_for=1500)
MANY_NAMES = DataSet("200 k, 3,000 names", 3000, 67)
LARGE = DataSet("1 M", 100, 10000)


class Bench:
    def __init__(self, folder, options):
        self.folder = folder
        self.runs = options.runs
        self.seconds = 1.0 if options.quick else 2.0
        self.quick = options.quick
        self.peer = options.peer
        self.api = None
        self.targets = Table("Targets", ["What", "Target", "Measured", ""])
        self.tables = []

    def run(self):
        with contextlib.ExitStack() as stack:
            if self.peer:
                self.api = KubernetesApi(self.folder)
                stack.callback(self.api.close)
            self.size_and_idle()
            with self.prometheus(MIDDLE) as backend:
                self.values(backend)
                discovery = self.discovery_table()
                self.discovery(discovery, MIDDLE, backend)
            sets = [SMALL] if self.quick else [SMALL, MANY_NAMES, LARGE]
            for data in sets:
                with self.prometheus(data) as backend:
                    self.discovery(discovery, data, backend)
            self.tables.append(discovery)

    @contextlib.contextmanager
    def prometheus(self, data=None):
        folder = self.folder / f"prometheus-{time.monotonic_ns()}"
        if data:
            say(f"{data.title} series: writing them for Prometheus")
            backend = world.start_prometheus(folder, data.names, data.pods,
                                             data.values_for)
        else:
            backend = world.start_prometheus(folder)
        try:
            yield backend
        finally:
            backend.stop()
            shutil.rmtree(folder)

    def start(self, rules, backend_url, of_peer=False):
        server = (start_peer(self.peer, self.folder, rules, backend_url,
                             self.api) if of_peer else
                  world.start_sextant(self.folder, rules, backend_url))
        return contextlib.closing(_Stopping(server))

    # Sizes

    def size_and_idle(self):
        say("size, and memory of an idle program")
        table = Table("Size", ["", "sextant"] + ["peer"] * bool(self.peer))
        binaries = [paths.PROGRAM] + [self.peer] * bool(self.peer)
        table.add("Program file, stripped, MB",
                  *(number(self.stripped_size(binary)) for binary in binaries))
        idle, listening = [[], []], [[], []]
        with self.prometheus() as backend:
            for _ in range(self.runs):
                for of_peer in [False] + [True] * bool(self.peer):
                    with self.start(series.VALUE_RULES, backend.url,
                                    of_peer) as started:
                        time.sleep(1)
                        idle[of_peer].append(memory(started.server.pid))
                        listening[of_peer].append(started.server.listening)
        table.add("RSS idle, five rules and no metrics, MiB",
                  *(spread(values) for values in idle if values))
        table.add("Start until it accepts TLS, ms",
                  *(spread(values) for values in listening if values))
        target(self.targets, "RSS idle", idle[0], 12, "MiB")
        self.tables.append(table)

    def stripped_size(self, binary):
        copy = self.folder / "stripped"
        subprocess.run(["strip", "-o", copy, binary], check=True)
        return copy.stat().st_size / 1e6

    # Values

    def values(self, backend):
        queries = world.queries_of(
            self.folder, backend.url,
            [series.pods_paths()[0], series.one_paths()[0],
             series.external_paths()[0]])
        direct = [f"/api/v1/query?{urllib.parse.urlencode({'query': query})}"
                  for query in queries]
        with contextlib.ExitStack() as stack:
            sextant = stack.enter_context(
                self.start(series.VALUE_RULES, backend.url)).server
            cells = self.sextant_cells(sextant)
            cells += self.direct_cells(backend, direct)
            if self.peer:
                peer = stack.enter_context(
                    self.start(series.VALUE_RULES, backend.url, True)).server
                self.wait_until_listed(peer)
                cells += self.peer_cells(peer)
            for run in range(self.runs):
                for cell in cells:
                    say(f"run {run + 1} of {self.runs}: {cell.title()}")
                    cell.run(self.seconds)
            self.tables.append(self.value_table(cells))
            self.added_latency(cells)
            self.memory_under_load(sextant)
            if self.peer:
                self.tables[0].rows[-1].append(number(memory(peer.pid)))

    def sextant_cells(self, server):
        def cell(what, request_paths, **options):
            return Cell("sextant", what, server.url, request_paths,
                        server.pid, **options)

        questions = [("`pods/*`, 10 pods", series.pods_paths()),
                     ("one object", series.one_paths()),
                     ("external", series.external_paths())]
        cells = []
        for what, request_paths in questions:
            for http2 in (False, True):
                for different in (False, True):
                    for in_flight in IN_FLIGHT:
                        if http2 and what != questions[0][0]:
                            continue
                        cells.append(cell(what, request_paths, http2=http2,
                                          different=different,
                                          in_flight=in_flight))
        for http2 in (False, True):
            cells += [cell("bare reply: discovery", [CUSTOM_DISCOVERY],
                           http2=http2, in_flight=in_flight)
                      for in_flight in IN_FLIGHT]
        return cells

    @staticmethod
    def direct_cells(backend, direct):
        kinds = ["`pods/*`, 10 pods", "one object", "external"]
        return [Cell("Prometheus, directly", what, backend.url, [path],
                     backend.pid, in_flight=in_flight)
                for what, path in zip(kinds, direct)
                for in_flight in IN_FLIGHT]

    @staticmethod
    def peer_cells(peer):
        questions = [("`pods/*`, 10 pods", series.pods_paths(), (1, 16, 100)),
                     ("one object", series.one_paths(), (1, 16)),
                     ("external", series.external_paths(), (1, 16)),
                     ("bare reply: discovery", [CUSTOM_DISCOVERY], (1,))]
        return [Cell("prometheus-adapter", what, peer.url, request_paths,
                     peer.pid, in_flight=in_flight,
                     headers=peer.header_lines())
                for what, request_paths, several in questions
                for in_flight in several]

    @staticmethod
    def value_table(cells):
        table = Table("A value", [
            "Request", "Of", "In flight", "p50 ms", "p90 ms", "p99 ms",
            "Requests/s", "Requests per core-second"])
        for cell in cells:
            table.add(cell.question(), cell.whom, cell.in_flight,
                      *(spread([getattr(f, name) for f in cell.figures])
                        for name in ("p50", "p90", "p99", "rate", "per_core")))
        return table

    def added_latency(self, cells):
        def one(whom, what):
            return next(c for c in cells if c.whom == whom and c.what == what
                        and c.in_flight == 1 and not c.http2)

        for what in ("`pods/*`, 10 pods", "one object", "external"):
            ours = one("sextant", what).figures
            direct = one("Prometheus, directly", what).figures
            target(self.targets, f"Added to the direct query, p50, {what}",
                   [a.p50 - b.p50 for a, b in zip(ours, direct)], 0.3, "ms")
        shared = next(c for c in cells if c.whom == "sextant" and not c.http2
                      and not c.different and c.in_flight == 100)
        target(self.targets, "`pods/*`, shared by 100",
               [f.per_core for f in shared.figures], 8000,
               "requests per core-second", at_least=True)

    def memory_under_load(self, server):
        self.tables[0].add("RSS after all loads (100 connections and 100 "
                           "streams of HTTP/2 at most), MiB",
                           number(memory(server.pid)))
        self.tables[0].add("RSS at its highest under load, MiB",
                           number(memory(server.pid, "VmHWM")))

    @staticmethod
    def wait_until_listed(server):
        """Until discovery names metrics; seconds since it was ready."""
        begin = time.monotonic()
        client = server.client()
        while '"name"' not in client.get(CUSTOM_DISCOVERY).body:
            if server.ended() or time.monotonic() > begin + 300:
                raise AssertionError(f"nothing listed\n{server.tail()}")
            time.sleep(0.02)
        client.close()
        return time.monotonic() - begin

    # Discovery

    def discovery_table(self):
        return Table("Discovery, the chart's default rules", [
            "Series", "Of", "Requests", "Bytes pulled, kB", "Discovery, ms",
            "Start to metrics listed, ms", "CPU: own, s", "CPU: Prometheus, s",
            "RSS after, MiB", "Document, kB", "Document, p50 ms"])

    def discovery(self, table, data, backend):
        say(f"{data.title} series: discovery")
        ours = [self.discover(backend) for _ in range(self.runs)]
        self.add_discovery(table, data, "sextant", ours)
        target(self.targets, f"RSS after discovery, {data.title}",
               [d.rss for d in ours], 32, "MiB")
        if data is MIDDLE:
            target(self.targets, f"Pulled by a discovery, {data.title}",
                   [d.pulled for d in ours], 16, "kB")
        target(self.targets, f"Ready, less its discovery, {data.title}",
               [d.listed - d.took for d in ours], 100, "ms")
        if self.peer:
            runs = 1 if data is LARGE else self.runs
            self.add_discovery(table, data, "prometheus-adapter", [
                self.discover(backend, of_peer=True) for _ in range(runs)])

    @staticmethod
    def add_discovery(table, data, whom, several):
        table.add(data.title, whom, *(
            spread([getattr(d, name) for d in several])
            for name in ("requests", "pulled", "took", "listed", "own_cpu",
                         "backend_cpu", "rss", "document", "document_p50")))

    def discover(self, backend, of_peer=False):
        with contextlib.closing(CountingProxy(backend.port)) as proxy:
            before = cpu_seconds(backend.pid)
            with self.start(series.DEFAULT_RULES, proxy.url,
                            of_peer) as started:
                return Discovery(started.server, proxy.traffic, before,
                                 backend.pid)


class Discovery:
    """One discovery of a program that has just started."""

    def __init__(self, server, traffic, backend_cpu_before, backend_pid):
        waited = Bench.wait_until_listed(server)
        self.listed = server.ready + waited * 1000
        self.requests = traffic.requests
        self.pulled = traffic.received / 1000
        self.took = (traffic.last - traffic.first) * 1000
        self.own_cpu = cpu_seconds(server.pid)
        self.backend_cpu = cpu_seconds(backend_pid) - backend_cpu_before
        client = server.client()
        times = []
        for _ in range(50):
            begin = time.monotonic()
            body = client.get(CUSTOM_DISCOVERY).body
            times.append((time.monotonic() - begin) * 1000)
        client.close()
        self.document = len(body) / 1000
        self.document_p50 = percentile(sorted(times), 0.5)
        self.rss = memory(server.pid)


class Cell:
    """One load, run several times."""

    def __init__(self, whom, what, server, request_paths, pid, in_flight,
                 http2=False, different=False, headers=()):
        self.whom = whom
        self.what = what
        self.http2 = http2
        self.different = different
        self.in_flight = in_flight
        self.figures = []
        self._pid = pid
        self._load = Load(server, request_paths, in_flight, http2, different,
                          headers)

    def question(self):
        text = self.what
        if self.http2:
            text += ", HTTP/2"
        if self.different:
            text += ", all different"
        return text

    def title(self):
        return f"{self.whom}, {self.question()}, {self.in_flight} in flight"

    def run(self, seconds):
        self.figures.append(self._load.run(self._pid, seconds))


class _Stopping:
    """A server, for contextlib.closing."""

    def __init__(self, server):
        self.server = server

    def close(self):
        self.server.stop()


def machine():
    """Where and with what it was measured."""
    cpu = next((line.split(":", 1)[1].strip()
                for line in pathlib.Path("/proc/cpuinfo").read_text()
                .splitlines() if line.startswith("model name")), "?")
    cores = len([p for p in pathlib.Path("/sys/devices/system/cpu").iterdir()
                 if p.name[3:].isdigit()])
    version = subprocess.run([paths.PROMETHEUS, "--version"], check=True,
                             capture_output=True, text=True).stdout.split()[2]
    own = subprocess.run([paths.PROGRAM, "version"], check=True,
                         capture_output=True, text=True).stdout.split("\n")[0]
    load = pathlib.Path("/proc/loadavg").read_text().split()[0]
    return (f"{datetime.date.today()}; {cpu}, {cores} cores, "
            f"Linux {platform.release()}; {own}; Prometheus {version}; "
            f"load before the run {load}")


def main():
    parser = argparse.ArgumentParser(
        prog="tests/bench/run", description=__doc__.split("\n", 1)[0])
    parser.add_argument("--runs", type=int, default=3, metavar="N",
                        help="how often each figure is taken (default 3)")
    parser.add_argument("--quick", action="store_true",
                        help="shorter loads, one run unless --runs says more, "
                             "and no million series")
    parser.add_argument("--peer", type=pathlib.Path, metavar="BINARY",
                        help="measure this prometheus-adapter beside it")
    parser.add_argument("--output", choices=("text", "markdown"),
                        default="text", help="how to print (default text)")
    options = parser.parse_args()
    if options.quick and "--runs" not in " ".join(sys.argv):
        options.runs = 1

    where = machine()
    with tempfile.TemporaryDirectory() as folder:
        bench = Bench(pathlib.Path(folder), options)
        bench.run()
    tables = [bench.targets, *bench.tables]
    print(f"Measured {where}.\nMedian of {options.runs} (least-greatest).\n")
    for table in tables:
        print(table.markdown() if options.output == "markdown"
              else table.text())
    say("done")


if __name__ == "__main__":
    main()
