"""Several backends in one program: rules choose, a slow one delays nobody, a
failover takes over and gives back, and shards are put together.
"""

import json
import pathlib
import statistics
import sys
import tempfile
import time
import unittest

from support import figures, paths
from support.backends import Prometheus, VictoriaMetrics, history
from support.program import Sextant

sys.path.insert(0, str(paths.CHECKOUT / "tests" / "soak"))
from fault_proxy import FaultProxy  # noqa: E402  (found by the line above)

EXAMPLE = paths.EXAMPLES / "vllm-gpu"
SERIES = "vllm:num_requests_running"
HANGS = "no answer"
EXTERNAL = "/apis/external.metrics.k8s.io/v1beta1/namespaces/vllm-example/"
PODS = ["vllm-gemma-deployment-69bc477d85-qmg2v",
        "vllm-gemma-deployment-69bc477d85-x7k2p"]


OURS = '{namespace="vllm-example"}'


def rule(name, backend=None, series=SERIES, query=None):
    made = {
        "seriesQuery": series, "name": {"as": name},
        "resources": {"namespaced": False},
        "metricsQuery": query or f"sum(<<.Series>>{OURS}) by (pod)"}
    if backend:
        made["backend"] = backend
    return made


class SeveralBackends(unittest.TestCase):

    def setUp(self):
        self.folder = pathlib.Path(
            self.enterContext(tempfile.TemporaryDirectory()))
        self.samples = history(EXAMPLE / "series.prom")

    def prometheus(self, samples=None):
        folder = pathlib.Path(tempfile.mkdtemp(dir=self.folder))
        server = Prometheus(folder, samples or self.samples)
        self.addCleanup(server.stop)
        return server

    def victoria(self, samples=None):
        folder = pathlib.Path(tempfile.mkdtemp(dir=self.folder))
        server = VictoriaMetrics(folder, samples or self.samples)
        self.addCleanup(server.stop)
        return server

    def program(self, url, backends, rules, extra=()):
        config = self.folder / "rules.yaml"
        config.write_text(json.dumps({"backends": backends,
                                      "externalRules": rules}))
        program = Sextant(self.folder, config, url, extra=list(extra))
        self.addCleanup(program.stop)
        program.wait_until_ready()
        client = program.http1()
        self.addCleanup(client.close)
        return program, client

    def pods(self, client, metric):
        reply = client.get(EXTERNAL + metric)
        if reply.status != 200:
            return reply.status
        return sorted(item["metricLabels"].get("pod", "")
                      for item in json.loads(reply.body)["items"])

    def test_one_that_hangs_delays_no_other(self):
        prometheus, victoria = self.prometheus(), self.victoria()
        proxy = FaultProxy(victoria.port)
        self.addCleanup(proxy.close)
        program, client = self.program(
            prometheus.url,
            [{"name": "slow", "url": proxy.url, "timeout": "3s",
              "circuitBreaker": {"failures": 3}}],
            [rule("quick"), rule("slow", "slow")])
        program.wait_until("both answer", lambda: [
            self.pods(client, name) for name in ("quick", "slow")] == [PODS] * 2)

        def times(count):
            took = []
            for _ in range(count):
                begun = time.monotonic()
                self.assertEqual(self.pods(client, "quick"), PODS)
                took.append(time.monotonic() - begun)
            return took

        alone = times(60)
        proxy.begin(HANGS)
        waiting = program.http1(seconds=60)
        self.addCleanup(waiting.close)
        # Until the circuit opens each waits for its timeout, and then no more.
        refused = []
        for _ in range(4):
            begun = time.monotonic()
            self.assertIn(self.pods(waiting, "slow"), (500, 504))
            refused.append(time.monotonic() - begun)
        beside = times(60)
        self.assertLess(statistics.median(beside),
                        10 * statistics.median(alone) + 0.05)
        self.assertLess(max(beside), 2.5)
        ready = client.get("/readyz?verbose").body
        self.assertIn("[-]backend/slow asked only now and then: ", ready)
        self.assertIn("[+]backend/default ok", ready)
        own = client.get("/metrics").body
        self.assertIn('sextant_backend_up{backend="default"} 1\n', own)
        self.assertIn('sextant_backend_up{backend="slow"} 0\n', own)
        self.assertIn(
            'sextant_backend_circuit_opened_total{backend="slow"} 1\n', own)
        proxy.end()
        begun = time.monotonic()
        program.wait_until("the slow one is back",
                           lambda: self.pods(client, "slow") == PODS)
        figures.note(
            "metrics of one backend while another hangs: median "
            f"{statistics.median(beside) * 1000:.1f} ms, longest "
            f"{max(beside) * 1000:.0f} ms (alone: "
            f"{statistics.median(alone) * 1000:.1f} ms, "
            f"{max(alone) * 1000:.0f} ms); the one that hangs: "
            f"{max(refused):.1f} s, then {min(refused) * 1000:.0f} ms, and "
            f"back {time.monotonic() - begun:.1f} s after it recovered")

    def test_a_failover_takes_over_and_gives_back(self):
        first, second = self.prometheus(), self.victoria()
        program, client = self.program(
            first.url,
            [{"name": "second", "url": second.url},
             {"name": "first", "url": first.url},
             {"name": "pair", "failover": ["first", "second"]}],
            [rule("paired", "pair")])
        program.wait_until("it answers",
                           lambda: self.pods(client, "paired") == PODS)
        self.assertIn('sextant_backend_failovers_total{backend="pair"} 0\n',
                      client.get("/metrics").body)
        first.stop()
        for _ in range(10):
            self.assertEqual(self.pods(client, "paired"), PODS)
        first.start()
        program.wait_until(
            "the first is asked again",
            lambda: self.pods(client, "paired") == PODS and
            "[+]backend/first ok" in client.get("/readyz?verbose").body)

    def test_shards_are_put_together_or_nothing_is(self):
        lines = self.samples.splitlines(keepends=True)
        parts = ["".join(line for line in lines if other not in line)
                 for other in PODS[::-1]]
        one, two = self.prometheus(parts[0]), self.victoria(parts[1])
        program, client = self.program(
            one.url,
            [{"name": "one", "url": one.url}, {"name": "two", "url": two.url},
             {"name": "all", "shards": ["one", "two"], "shardedBy": ["pod"]}],
            [rule("of_one", "one"), rule("of_all", "all"),
             rule("mixed", "all", query=f"sum(<<.Series>>{OURS})")])
        program.wait_until("both shards answer",
                           lambda: self.pods(client, "of_all") == PODS)
        self.assertEqual(self.pods(client, "of_one"), PODS[:1])
        # A sum over shards is not what a shard can say.
        self.assertEqual(self.pods(client, "mixed"), 500)
        two.stop()
        for _ in range(3):
            self.assertEqual(self.pods(client, "of_all"), 500)
        self.assertEqual(self.pods(client, "of_one"), PODS[:1])
        two.start()
        program.wait_until("it is whole again",
                           lambda: self.pods(client, "of_all") == PODS)

    def test_they_change_without_a_restart(self):
        prometheus, victoria = self.prometheus(), self.victoria()
        proxy = FaultProxy(victoria.port)
        self.addCleanup(proxy.close)
        program, client = self.program(
            prometheus.url, [{"name": "other", "url": proxy.url}],
            [rule("here"), rule("there", "other")])
        config = self.folder / "rules.yaml"
        program.wait_until("both answer", lambda: [
            self.pods(client, name) for name in ("here", "there")] == [PODS] * 2)

        def write(backends, *rules_):
            config.write_text(json.dumps({"backends": backends,
                                          "externalRules": rules_}))

        # A mistake changes nothing, and is told.
        write([{"name": "other", "url": proxy.url, "tokenFile": "/no/token"}],
              rule("here"))
        program.wait_until("the mistake is told", lambda: (
            "backends[0] (other): failed to read tokenFile"
            in client.get("/readyz?verbose").body))
        self.assertEqual(self.pods(client, "there"), PODS)

        # Another server of the same name, while one hangs; and one more name.
        proxy.begin(HANGS)
        write([{"name": "other", "url": victoria.url},
               {"name": "third", "url": prometheus.url}],
              rule("here"), rule("there", "other"), rule("third", "third"))
        program.wait_until("the new servers answer", lambda: (
            self.pods(client, "third") == PODS))
        self.assertEqual([self.pods(client, name) for name in
                          ("here", "there")], [PODS] * 2)
        self.assertIn("[+]backend/third ok",
                      client.get("/readyz?verbose").body)

        write([], rule("here"), rule("there"))
        program.wait_until("one server is left", lambda: (
            "backend/" not in client.get("/readyz?verbose").body))
        self.assertEqual([self.pods(client, name) for name in
                          ("here", "there", "third")], [PODS, PODS, 404])
