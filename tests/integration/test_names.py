"""Names of any characters (OpenTelemetry's, Google's), on servers that have them."""

import json
import pathlib
import tempfile
import unittest

from support import versions
from support.backends import Prometheus, VictoriaMetrics
from support.program import Sextant

NAMESPACE, POD = "k8s.namespace.name", "k8s.pod.name"
UNDELIVERED = "pubsub.googleapis.com/subscription/num_undelivered_messages"


def series(name, value, growth=0, **labels):
    return ({"__name__": name, **labels}, value, growth)


# Labels, the value now, and its growth a second.
CLASSIC_LABELS = [
    series("queue.depth", 5, namespace="shop", pod="web-0"),
    series("queue.depth", 6, namespace="shop", pod="web-1"),
    series("queue_depth", 99, namespace="shop", pod="web-0"),
    series("queue-depth", 98, namespace="shop", pod="web-0"),
]
ALL = CLASSIC_LABELS + [
    series("http.server.active_requests", 3,
           **{NAMESPACE: "shop", POD: "web-0"}),
    series("http.server.active_requests", 4,
           **{NAMESPACE: "shop", POD: "web-1"}),
    series("http.server.active_requests", 50,
           **{NAMESPACE: "other", POD: "web-0"}),
    series("http.server.done", 1000, 2, **{NAMESPACE: "shop", POD: "web-0"}),
    series("sl/ash", 7, namespace="shop", **{"k8s/pod": "web-0"}),
    series(UNDELIVERED, 1200, namespace="shop",
           **{"subscription/id": "orders"}),
    series(UNDELIVERED, 30, namespace="shop",
           **{"subscription/id": "returns"}),
]

PLAIN = "sum(<<.Series>>{<<.LabelMatchers>>}) by (<<.GroupBy>>)"
# rate() may be a millionth off.
RATE = ("round(sum(rate(<<.Series>>{<<.LabelMatchers>>}[2m])) "
        "by (<<.GroupBy>>))")
BY_NAME = 'sum({__name__="<<.Series>>",<<.LabelMatchers>>}) by (<<.GroupBy>>)'
QUOTED = 'sum({"<<.Series>>",<<.LabelMatchers>>}) by (<<.GroupBy>>)'


def rule(selector, name, query=PLAIN, labels=(NAMESPACE, POD), **resources):
    return {
        "seriesQuery": selector, "metricsQuery": query,
        "name": {"as": name},
        "resources": resources or {"overrides": {
            labels[0]: {"resource": "namespace"},
            labels[1]: {"resource": "pod"}}}}


CLASSIC = ("namespace", "pod")
RULES = [
    rule('{__name__="queue.depth",pod!=""}', "classic.labels", labels=CLASSIC),
    rule('{__name__=~"^queue[.].*",pod!=""}', "", labels=CLASSIC),
    rule('{__name__="queue-depth"}', "dash", labels=CLASSIC),
]
QUOTED_RULES = [
    rule('{"queue.depth"}', "quoted", QUOTED, CLASSIC),
    rule('{"queue.depth",pod!=""}', "quoted.plain", labels=CLASSIC),
    rule(f'{{__name__=~"^http[.]server[.]active.*","{POD}"!=""}}', ""),
    rule('{__name__="http.server.active_requests"}', "by.name", BY_NAME),
    rule('{"http.server.active_requests"}', "templated",
         template="k8s.<<.Resource>>.name"),
    rule('{"http.server.done"}', "http.server.rate", RATE),
    rule('{"sl/ash"}', "slash", labels=("namespace", "k8s/pod")),
]
EXTERNAL_RULES = [
    rule(f'{{"{UNDELIVERED}"}}', "undelivered",
         "sum(<<.Series>>{<<.LabelMatchers>>})", CLASSIC)]

PODS = "/apis/custom.metrics.k8s.io/v1beta1/namespaces/shop/pods"
# What is asked for, and name and value of the items.
CASES = [
    ("*/classic.labels", [("web-0", "5"), ("web-1", "6")]),
    ("*/queue.depth", [("web-0", "5"), ("web-1", "6")]),
    ("web-1/queue.depth", [("web-1", "6")]),
    ("*/dash", [("web-0", "98")]),
]
QUOTED_CASES = [
    ("*/quoted", [("web-0", "5"), ("web-1", "6")]),
    ("*/quoted.plain", [("web-0", "5"), ("web-1", "6")]),
    ("*/http.server.active_requests", [("web-0", "3"), ("web-1", "4")]),
    ("web-1/http.server.active_requests", [("web-1", "4")]),
    ("*/by.name", [("web-0", "3"), ("web-1", "4")]),
    ("*/templated", [("web-0", "3"), ("web-1", "4")]),
    ("*/http.server.rate", [("web-0", "2")]),
    # The values of a label whose name no path can have as it is.
    ("*/slash", [("web-0", "7")]),
]


class Names:
    """The tests on one backend; subclasses name it."""

    backend_class = None
    all_labels = True

    @classmethod
    def setUpClass(cls):
        folder = pathlib.Path(
            cls.enterClassContext(tempfile.TemporaryDirectory()))
        backend = cls.backend_class.with_series(
            folder, ALL if cls.all_labels else CLASSIC_LABELS)
        cls.addClassCleanup(backend.stop)
        rules = folder / "rules.json"
        rules.write_text(json.dumps({
            "rules": RULES + (QUOTED_RULES if cls.all_labels else []),
            "externalRules": EXTERNAL_RULES if cls.all_labels else []}))
        # Without a file of objects: these are the values of the rule's labels.
        cls.program = Sextant(folder, rules, backend.url)
        cls.addClassCleanup(cls.program.stop)
        cls.program.wait_until_ready()
        cls.client = cls.program.http1()
        cls.addClassCleanup(cls.client.close)

    def items(self, path):
        reply = self.client.get(path)
        self.assertEqual(
            reply.status, 200, f"{reply}\n{self.program.tail()}")
        return json.loads(reply.body)["items"]

    def test_metrics_of_pods(self):
        for asked, expected in CASES + (QUOTED_CASES if self.all_labels else []):
            with self.subTest(asked):
                items = [(item["describedObject"]["name"], item["value"])
                         for item in self.items(f"{PODS}/{asked}")]
                self.assertEqual(items, expected)

    def test_discovery_lists_them(self):
        reply = self.client.get("/apis/custom.metrics.k8s.io/v1beta1")
        for asked, _ in CASES + (QUOTED_CASES if self.all_labels else []):
            self.assertIn(f'"pods/{asked.partition("/")[2]}"', reply.body)


class QuotedNames(Names):
    """Also labels of any characters, and an external metric."""

    def test_an_external_metric(self):
        path = ("/apis/external.metrics.k8s.io/v1beta1/namespaces/shop/"
                "undelivered")
        for selector, value in (("", "1230"),
                                ("?labelSelector=subscription/id%3Dorders",
                                 "1200")):
            with self.subTest(selector):
                self.assertEqual(
                    [item["value"] for item in self.items(path + selector)],
                    [value])


class PrometheusNamesTest(QuotedNames, unittest.TestCase):
    backend_class = Prometheus


class VictoriaMetricsNamesTest(QuotedNames, unittest.TestCase):
    backend_class = VictoriaMetrics


class VictoriaMetricsClassicNamesTest(Names, unittest.TestCase):
    """An older one has metrics with such names, but PromQL without quotes."""
    backend_class = VictoriaMetrics
    all_labels = False


def load_tests(loader, _tests, _pattern):
    """Those that the version can pass."""
    suite = unittest.TestSuite()
    # A Prometheus of 2.x keeps no such names.
    if versions.facts("prometheus").quoted_names:
        suite.addTests(loader.loadTestsFromTestCase(PrometheusNamesTest))
    suite.addTests(loader.loadTestsFromTestCase(
        VictoriaMetricsNamesTest
        if versions.facts("victoria-metrics").quoted_names
        else VictoriaMetricsClassicNamesTest))
    return suite
