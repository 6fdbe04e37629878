"""A backend that misbehaves in every way: values are errors, never numbers;
discovery goes on; and all is well again at once when it is.

The proxy that misbehaves is the one of tests/soak.
"""

import pathlib
import statistics
import sys
import tempfile
import time
import unittest

from support import figures, paths
from support.backends import Prometheus, history
from support.program import Sextant

sys.path.insert(0, str(paths.CHECKOUT / "tests" / "soak"))
from fault_proxy import FAULTS, FaultProxy  # noqa: E402  (found by the line above)

EXAMPLE = paths.EXAMPLES / "vllm-gpu"
ASK = ("/apis/custom.metrics.k8s.io/v1beta1/namespaces/vllm-example/pods/%2A"
       "/vllm_num_requests_running?labelSelector=app%3Dgemma-server")
DISCOVERY = "/apis/custom.metrics.k8s.io/v1beta1"
# Replies to values may have 64 MiB; what holds them and the rest stays below.
MOST_MEMORY = 200 << 20


def resident(pid):
    for line in pathlib.Path(f"/proc/{pid}/status").read_text().splitlines():
        if line.startswith("VmHWM:"):
            return int(line.split()[1]) << 10
    raise AssertionError("no VmHWM")


class BadDaysTest(unittest.TestCase):
    def test_every_fault_is_an_error_and_passes(self):
        folder = pathlib.Path(
            self.enterContext(tempfile.TemporaryDirectory()))
        backend = Prometheus(folder, history(EXAMPLE / "series.prom"))
        self.addCleanup(backend.stop)
        proxy = FaultProxy(backend.port)
        self.addCleanup(proxy.close)
        program = Sextant(folder, EXAMPLE / "rules.yaml", proxy.url,
                          EXAMPLE / "objects.json",
                          extra=["--prometheus-timeout=2s"])
        self.addCleanup(program.stop)
        program.wait_until_ready()
        client = program.http1()
        self.addCleanup(client.close)
        good = client.get(ASK)
        self.assertEqual(good.status, 200, good)
        listing = client.get(DISCOVERY)

        back = []
        for fault in FAULTS:
            with self.subTest(fault):
                proxy.begin(fault)
                program.wait_until("the fault shows",
                                   lambda: client.get(ASK).status != 200)
                begun = time.monotonic()
                reply = client.get(ASK)
                self.assertIn(reply.status, (500, 504), reply)
                self.assertNotIn('"value"', reply.body)
                # The bound is --prometheus-timeout; the rest is for the machine.
                self.assertLess(time.monotonic() - begun, 10)
                self.assertEqual(client.get(DISCOVERY), listing)
                self.assertEqual(client.get("/readyz").status, 200)
                proxy.end()
                begun = time.monotonic()
                program.wait_until("it is back",
                                   lambda: client.get(ASK).status == 200)
                back.append(time.monotonic() - begun)
                self.assertEqual(client.get(ASK).document(), good.document())
        most = resident(program.pid)
        self.assertLess(most, MOST_MEMORY)
        figures.note(f"{len(FAULTS)} faults of a backend: back after "
                     f"{statistics.median(back) * 1000:.0f} ms (median), "
                     f"{max(back) * 1000:.0f} ms at most; "
                     f"{most / (1 << 20):.0f} MiB resident at most")

    def test_rules_are_known_a_second_after_a_backend_comes_up(self):
        folder = pathlib.Path(
            self.enterContext(tempfile.TemporaryDirectory()))
        backend = Prometheus(folder, history(EXAMPLE / "series.prom"))
        self.addCleanup(backend.stop)
        backend.stop()
        program = Sextant(folder, EXAMPLE / "rules.yaml", backend.url,
                          EXAMPLE / "objects.json")
        self.addCleanup(program.stop)
        program.wait_until_ready()
        client = program.http1()
        self.addCleanup(client.close)
        self.assertIn('"resources":[]', client.get(DISCOVERY).body)
        backend.start()
        begun = time.monotonic()
        program.wait_until(
            "metrics are listed",
            lambda: "vllm_num_requests_running" in client.get(DISCOVERY).body)
        figures.note("a backend that comes up, until its metrics are listed: "
                     f"{time.monotonic() - begun:.2f} s")
