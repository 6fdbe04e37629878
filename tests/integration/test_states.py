"""What is no ordinary number, on real servers: NaN, infinity, scalars.

The table of decision 5 in docs/ARCHITECTURE.md, as far as a healthy server goes.
"""

import json
import pathlib
import tempfile
import unittest

from support import paths
from support.backends import Prometheus, VictoriaMetrics, history
from support.program import Sextant

EXAMPLE = paths.EXAMPLES / "vllm-gpu"
POD = "vllm-gemma-deployment-69bc477d85-qmg2v"
PODS = "/apis/custom.metrics.k8s.io/v1beta1/namespaces/vllm-example/pods"
EXTERNAL = "/apis/external.metrics.k8s.io/v1beta1/namespaces/vllm-example"


def rule(metric, query, **more):
    return {
        "seriesQuery": 'vllm:num_requests_running{namespace!="",pod!=""}',
        "resources": {"overrides": {"namespace": {"resource": "namespace"},
                                    "pod": {"resource": "pod"}}},
        "name": {"as": metric}, "metricsQuery": query, **more}


TOTAL = "sum(<<.Series>>{<<.LabelMatchers>>}) by (<<.GroupBy>>)"
# JSON is YAML.
RULES = json.dumps({
    "rules": [rule("nan", TOTAL + " * NaN"),
              rule("nan_is_none", TOTAL + " * NaN", nan="none"),
              rule("infinite", TOTAL + " * Inf"),
              rule("overflow", TOTAL + " * 1e18")],
    "externalRules": [rule("nan", TOTAL + " * NaN"),
                      rule("nan_is_none", TOTAL + " * NaN", nan="none"),
                      rule("infinite", TOTAL + " * Inf"),
                      rule("scalar", f"scalar({TOTAL})")]})

# Metric, then the values of `*` and the status of a pod asked by its name.
CUSTOM_CASES = [("nan_is_none", [], 404), ("infinite", [], 404),
                ("overflow", [], 404)]
EXTERNAL_CASES = [("nan_is_none", []), ("infinite", [])]


class States:
    """The tests on one backend; subclasses name it and what differs there."""

    backend_class = None
    custom_nan = None
    external_nan = None
    scalar_labels = None

    @classmethod
    def setUpClass(cls):
        folder = pathlib.Path(
            cls.enterClassContext(tempfile.TemporaryDirectory()))
        backend = cls.backend_class(folder, history(EXAMPLE / "series.prom"))
        cls.addClassCleanup(backend.stop)
        rules = folder / "rules.json"
        rules.write_text(RULES)
        program = Sextant(folder, rules, backend.url, EXAMPLE / "objects.json")
        cls.addClassCleanup(program.stop)
        program.wait_until_ready()
        cls.client = program.http1()
        cls.addClassCleanup(cls.client.close)

    def items(self, path):
        reply = self.client.get(path)
        self.assertEqual(reply.status, 200, reply)
        return json.loads(reply.body)["items"]

    def test_custom_metrics(self):
        for metric, values, status in [self.custom_nan, *CUSTOM_CASES]:
            with self.subTest(metric):
                items = self.items(
                    f"{PODS}/%2A/{metric}?labelSelector=app%3Dgemma-server")
                self.assertEqual([item["value"] for item in items], values)
                self.assertEqual(
                    self.client.get(f"{PODS}/{POD}/{metric}").status, status)

    def test_external_metrics(self):
        for metric, values in [self.external_nan, *EXTERNAL_CASES]:
            with self.subTest(metric):
                items = self.items(f"{EXTERNAL}/{metric}")
                self.assertEqual([item["value"] for item in items], values)

    def test_a_scalar_is_an_external_value(self):
        items = self.items(f"{EXTERNAL}/scalar")
        self.assertEqual(
            [(item["value"], item["metricLabels"]) for item in items],
            [("12", self.scalar_labels)])


class PrometheusStatesTest(States, unittest.TestCase):
    backend_class = Prometheus
    custom_nan = ("nan", ["0", "0"], 200)
    external_nan = ("nan", ["0"])
    scalar_labels = None


class VictoriaMetricsStatesTest(States, unittest.TestCase):
    # It sends no NaN, and a scalar as a vector without labels.
    backend_class = VictoriaMetrics
    custom_nan = ("nan", [], 404)
    external_nan = ("nan", [])
    scalar_labels = {}
