"""A real Thanos: replicas count once, and half of the data is none."""

import json
import pathlib
import tempfile
import unittest

from support import paths
from support.backends import Prometheus, history
from support.program import Sextant
from support.thanos import Querier, Sidecar

RULES = json.dumps({
    "rules": [{
        "seriesQuery": '{__name__=~"^busy_.*",namespace!="",pod!=""}',
        "resources": {"overrides": {"namespace": {"resource": "namespace"},
                                    "pod": {"resource": "pod"}}},
        "metricsQuery":
            "sum(<<.Series>>{<<.LabelMatchers>>}) by (<<.GroupBy>>)"}],
    "externalRules": [{
        "seriesQuery": "busy_workers", "name": {"as": "all_workers"},
        "resources": {"overrides": {"namespace": {"resource": "namespace"}}},
        "metricsQuery": "sum(<<.Series>>{<<.LabelMatchers>>})"}]})
# Two clusters; that of the first has two replicas of its Prometheus.
EAST = 'busy_workers{namespace="shop",pod="web-0"} 3\n'
WEST = 'busy_workers{namespace="shop",pod="web-1"} 4\n'
PROMETHEUSES = [("east-a", EAST, {"cluster": "east", "replica": "a"}),
                ("east-b", EAST, {"cluster": "east", "replica": "b"}),
                ("west", WEST, {"cluster": "west", "replica": "a"})]

PODS = ("/apis/custom.metrics.k8s.io/v1beta1/namespaces/shop/pods/*"
        "/busy_workers")
WORKERS = "/apis/external.metrics.k8s.io/v1beta1/namespaces/shop/all_workers"


class ThanosTest(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        root = pathlib.Path(
            cls.enterClassContext(tempfile.TemporaryDirectory()))
        cls.sidecars = {}
        for name, series, labels in PROMETHEUSES:
            folder = root / name
            folder.mkdir()
            (folder / "series.prom").write_text(series)
            prometheus = Prometheus(folder, history(folder / "series.prom"),
                                    external_labels=labels)
            cls.addClassCleanup(prometheus.stop)
            cls.sidecars[name] = Sidecar(folder, name, prometheus)
            cls.addClassCleanup(cls.sidecars[name].stop)
        cls.querier = Querier(
            root, [sidecar.store for sidecar in cls.sidecars.values()])
        cls.addClassCleanup(cls.querier.stop)
        cls.querier.wait_for("count(busy_workers) == 2")

        (root / "rules.json").write_text(RULES)
        cls.program = Sextant(root, root / "rules.json", cls.querier.url)
        cls.addClassCleanup(cls.program.stop)
        cls.program.wait_until_ready()
        cls.client = cls.program.http1()
        cls.addClassCleanup(cls.client.close)

    def values(self, path):
        reply = self.client.get(path)
        self.assertEqual(reply.status, 200, f"{reply}\n{self.program.tail()}")
        return [item["value"] for item in json.loads(reply.body)["items"]]

    def test_it_is_recognised(self):
        self.assertIn("backend recognised dialect=thanos ", self.program.log())

    def test_replicas_count_once(self):
        self.assertEqual(self.values(PODS), ["3", "4"])
        self.assertEqual(self.values(WORKERS), ["7"])

    def test_what_a_store_that_is_down_leaves_is_no_answer(self):
        """Of whichever: Thanos does not know that a replica has the same."""
        for name in ("west", "east-b"):
            with self.subTest(name):
                self.assertEqual(self.values(WORKERS), ["7"])
                sidecar = self.sidecars[name]
                sidecar.stop()
                try:
                    # Left alone it answers with the rest.
                    self.assertEqual(
                        self.querier.values("sum(busy_workers)")[0]["value"][1],
                        "3" if name == "west" else "7")
                    for path in (PODS, WORKERS):
                        reply = self.client.get(path)
                        self.assertEqual(reply.status, 500, reply)
                        self.assertNotIn('"value"', reply.body)
                finally:
                    sidecar.start()
                self.program.wait_until(
                    "the store is back",
                    lambda: self.client.get(WORKERS).status == 200)


def load_tests(loader, _tests, _pattern):
    """Nothing, unless Thanos was asked for: tests/integration/run --thanos."""
    if not paths.THANOS:
        return unittest.TestSuite()
    return loader.loadTestsFromTestCase(ThanosTest)
