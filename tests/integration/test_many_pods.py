"""A deployment of many pods: queries longer than backends accept are split."""

import json
import pathlib
import tempfile
import unittest

from support.backends import Prometheus, VictoriaMetrics, history
from support.program import Sextant

# VictoriaMetrics refuses queries above 16 KiB; the program stays below 12 KiB
# where it can.  All names once, or half of them twice, are between the two.
LIMIT = 12 * 1024
PODS = [f"checkout-6d4cf56db6-{number:05d}" for number in range(600)]
METRICS = "/apis/custom.metrics.k8s.io/v1beta1/namespaces/shop/pods"


def rule(metric, query):
    return {
        "seriesQuery": 'busy_workers{namespace!="",pod!=""}',
        "resources": {"overrides": {"namespace": {"resource": "namespace"},
                                    "pod": {"resource": "pod"}}},
        "name": {"as": metric}, "metricsQuery": query}


TOTAL = "sum(<<.Series>>{<<.LabelMatchers>>}) by (<<.GroupBy>>)"
# JSON is YAML.
RULES = json.dumps({"rules": [
    rule("busy_workers", TOTAL),
    # A part of the pods has another mean.
    rule("above_the_mean", f"{TOTAL} - scalar(avg({TOTAL}))")]})
OBJECTS = json.dumps({"kind": "List", "apiVersion": "v1", "items": [
    {"kind": "Pod", "apiVersion": "v1",
     "metadata": {"name": name, "namespace": "shop",
                  "labels": {"app": "checkout", "half": str(number // 300)}}}
    for number, name in enumerate(PODS)]})
SERIES = "".join(f'busy_workers{{namespace="shop",pod="{name}"}} {number}\n'
                 for number, name in enumerate(PODS))


class ManyPods:
    """The tests on one backend; subclasses name it."""

    backend_class = None
    maxDiff = None

    @classmethod
    def setUpClass(cls):
        folder = pathlib.Path(
            cls.enterClassContext(tempfile.TemporaryDirectory()))
        files = {"rules.json": RULES, "objects.json": OBJECTS,
                 "series.prom": SERIES}
        for name, text in files.items():
            (folder / name).write_text(text)
        backend = cls.backend_class(folder, history(folder / "series.prom"))
        cls.addClassCleanup(backend.stop)
        cls.program = Sextant(folder, folder / "rules.json", backend.url,
                              folder / "objects.json")
        cls.addClassCleanup(cls.program.stop)
        cls.program.wait_until_ready()
        cls.client = cls.program.http1()
        cls.addClassCleanup(cls.client.close)

    def ask(self, path):
        """Name and value of every item, and the queries that it took."""
        start = self.program.log_size()
        reply = self.client.get(path)
        self.assertEqual(reply.status, 200, reply)
        items = [(item["describedObject"]["name"], item["value"])
                 for item in json.loads(reply.body)["items"]]
        return items, self.program.queries(start)

    def test_a_long_query_is_asked_in_parts(self):
        items, queries = self.ask(
            METRICS + "/%2A/busy_workers?labelSelector=app%3Dcheckout")
        self.assertEqual(
            items, [(name, str(n)) for n, name in enumerate(PODS)])
        self.assertGreater(len(queries), 1)
        self.assertLessEqual(max(len(query) for query in queries), LIMIT)
        # Each pod is asked for once.
        self.assertEqual(
            [sum(name in query for query in queries) for name in PODS],
            [1] * len(PODS))

    def test_what_mixes_pods_is_asked_whole(self):
        items, queries = self.ask(
            METRICS + "/%2A/above_the_mean?labelSelector=half%3D0")
        self.assertEqual(
            items, [(name, f"{n * 1000 - 149_500}m")
                    for n, name in enumerate(PODS[:300])])
        self.assertEqual(len(queries), 1)
        self.assertGreater(len(queries[0]), LIMIT)


class PrometheusManyPodsTest(ManyPods, unittest.TestCase):
    backend_class = Prometheus


class VictoriaMetricsManyPodsTest(ManyPods, unittest.TestCase):
    backend_class = VictoriaMetrics
