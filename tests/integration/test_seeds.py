"""The five seed systems on real servers: discovery, requests, PromQL, replies.

A scenario (scenarios/*.json) belongs to an example under docs/examples, and may
have other series than it, in a file beside the scenario.  Its requests are
written as the HPA controller or kubectl sends them; replies are compared byte
for byte, timestamps aside.
"""

import json
import tempfile
import unittest

from support import paths
from support.backends import Prometheus, VictoriaMetrics, history
from support.https import Reply
from support.program import Sextant

CUSTOM = "custom.metrics.k8s.io"
EXTERNAL = "external.metrics.k8s.io"


def as_body(document):
    return json.dumps(document, separators=(",", ":")) + "\n"


def resource_list(group_version, names, kind):
    return {
        "kind": "APIResourceList", "apiVersion": "v1",
        "groupVersion": group_version,
        "resources": [
            {"name": name, "singularName": "",
             "namespaced": not name.startswith("namespaces/"),
             "kind": kind, "verbs": ["get"]} for name in names]}


class Seed:
    """The tests of one scenario on one backend; subclasses name both."""

    scenario = None
    backend_class = None
    maxDiff = None

    @classmethod
    def setUpClass(cls):
        example = paths.EXAMPLES / cls.scenario["example"]
        folder = cls.enterClassContext(tempfile.TemporaryDirectory())
        series = example / "series.prom"
        if "series" in cls.scenario:
            series = paths.SCENARIOS / cls.scenario["series"]
        backend = cls.backend_class(folder, history(series))
        cls.addClassCleanup(backend.stop)
        cls.program = Sextant(folder, example / "rules.yaml", backend.url,
                              example / "objects.json")
        cls.addClassCleanup(cls.program.stop)
        cls.program.wait_until_ready()

    def test_discovery_lists_the_metrics(self):
        client = self.program.http1()
        self.addCleanup(client.close)
        lists = [(CUSTOM + "/v1beta1", self.scenario["custom"],
                  "MetricValueList"),
                 (CUSTOM + "/v1beta2", self.scenario["custom"],
                  "MetricValueList"),
                 (EXTERNAL + "/v1beta1", self.scenario["external"],
                  "ExternalMetricValueList")]
        for group_version, names, kind in lists:
            if not names:
                continue
            with self.subTest(group_version):
                self.assertEqual(
                    client.get("/apis/" + group_version,
                               {"Accept": "application/json"}),
                    Reply(200, "application/json", as_body(
                        resource_list(group_version, names, kind))))

    def test_every_request_over_http1(self):
        client = self.program.http1()
        self.addCleanup(client.close)
        self._ask_everything(client)

    def test_every_request_over_http2(self):
        self._ask_everything(self.program.http2())

    def _ask_everything(self, client):
        for request in self.scenario["requests"]:
            with self.subTest(request["says"], path=request["path"]):
                expected_reply = request["reply"]
                if self.backend_class is VictoriaMetrics:
                    expected_reply = request.get(
                        "reply_on_victoria_metrics", expected_reply)
                start = self.program.log_size()
                reply = client.get(request["path"])
                self.assertEqual(
                    (reply.status, reply.content_type, reply.document()),
                    (request["status"], "application/json",
                     as_body(expected_reply)))
                expected = [request["promql"]] if request["promql"] else []
                self.assertEqual(self.program.queries(start), expected)

    def test_the_demo_asks_what_the_first_request_asks(self):
        file = paths.EXAMPLES / self.scenario["example"] / "request.txt"
        self.assertEqual(file.read_text(),
                         self.scenario["requests"][0]["path"] + "\n")


def load_tests(loader, _tests, _pattern):
    """One class for each scenario on each backend."""
    suite = unittest.TestSuite()
    for file in sorted(paths.SCENARIOS.glob("*.json")):
        scenario = json.loads(file.read_text())
        for backend in (Prometheus, VictoriaMetrics):
            name = f"{file.stem} on {backend.__name__}"
            case = type(name, (Seed, unittest.TestCase),
                        {"scenario": scenario, "backend_class": backend})
            suite.addTests(loader.loadTestsFromTestCase(case))
    return suite
