"""HPAs of custom-metrics-stackdriver-adapter on real servers, without a rule.

The requests are written as the HPA controller sends them for such HPAs: the bar
in a name encoded, the colon not.
"""

import json
import pathlib
import tempfile
import time
import unittest
import urllib.parse

from support import paths
from support.backends import Prometheus, VictoriaMetrics, history
from support.gateways import Azure, Google
from support.program import Sextant

EXAMPLE = paths.EXAMPLES / "vllm-gpu"
CUSTOM = "/apis/custom.metrics.k8s.io/v1beta2"
EXTERNAL = "/apis/external.metrics.k8s.io/v1beta1/namespaces/default"
POD = "vllm-gemma-deployment-5f6c8d7b9-t4w8z"

# Beside those of the example: a counter, a histogram, and series of nodes.
MORE_SERIES = """
# TYPE vllm:prefix_cache_hits_total counter
# grows by 450 every 15s
vllm:prefix_cache_hits_total{engine="0",namespace="default",pod="POD"} 6000
# grows by 180 every 15s
vllm:prefix_cache_hits_total{engine="1",namespace="default",pod="POD"} 6000

# TYPE rpc_seconds histogram
# grows by 150 every 15s
rpc_seconds_bucket{namespace="default",pod="POD",le="0.1"} 6000
# grows by 300 every 15s
rpc_seconds_bucket{namespace="default",pod="POD",le="0.2"} 6000
# grows by 300 every 15s
rpc_seconds_bucket{namespace="default",pod="POD",le="+Inf"} 6000
# grows by 300 every 15s
rpc_seconds_count{namespace="default",pod="POD"} 6000
# grows by 45 every 15s
rpc_seconds_sum{namespace="default",pod="POD"} 6000

# TYPE load gauge
load{node="n1"} 1.5
load{node="n2"} 3
""".replace("POD", POD)


def name(series, kind):
    """As it stands in a path: `|` is encoded there, `:` is not."""
    return urllib.parse.quote(f"prometheus.googleapis.com|{series}|{kind}",
                              safe=":.")


def pods(series, kind, selector=None, labels="app=gemma-server"):
    path = (f"{CUSTOM}/namespaces/default/pods/%2A/{name(series, kind)}"
            f"?labelSelector={urllib.parse.quote(labels)}")
    if selector:
        path += f"&metricLabelSelector={urllib.parse.quote(selector)}"
    return path


def number(item):
    """Its value; rates are not exact to the last digit."""
    value = item["value"]
    return (float(value[:-1]) / 1000) if value.endswith("m") else float(value)


def external(series, kind, selector=None):
    path = f"{EXTERNAL}/{name(series, kind)}"
    if selector:
        path += f"?labelSelector={urllib.parse.quote(selector)}"
    return path


class StackdriverNames:
    """The tests on one backend; subclasses name it."""

    backend_class = None
    gateway_class = None  # what stands in front of it, if anything
    maxDiff = None

    @classmethod
    def setUpClass(cls):
        folder = pathlib.Path(
            cls.enterClassContext(tempfile.TemporaryDirectory()))
        series = folder / "series.prom"
        series.write_text((EXAMPLE / "series.prom").read_text() + MORE_SERIES)
        backend = cls.backend_class(folder, history(series))
        cls.addClassCleanup(backend.stop)
        rules = folder / "config.yaml"
        rules.write_text("stackdriver: {}\n")
        url, extra = backend.url, []
        if cls.gateway_class:
            cls.gateway = cls.gateway_class(backend.url)
            cls.addClassCleanup(cls.gateway.close)
            url, extra = cls.gateway.url, cls.flags(folder)
        cls.program = Sextant(folder, rules, url, EXAMPLE / "objects.json",
                              extra=extra)
        cls.addClassCleanup(cls.program.stop)
        cls.program.wait_until_ready()
        cls.client = cls.program.http1()
        cls.addClassCleanup(cls.client.close)

    def items(self, path):
        reply = self.client.get(path)
        self.assertEqual(reply.status, 200, reply)
        return json.loads(reply.body)["items"]

    def message(self, path, status):
        reply = self.client.get(path)
        self.assertEqual(reply.status, status, reply)
        return json.loads(reply.body)["message"]

    def test_the_seeds_hpa_gets_the_requests_of_its_pods(self):
        start = self.program.log_size()
        item, = self.items(
            f"{CUSTOM}/namespaces/default/pods/%2A/prometheus.googleapis.com"
            "%7Cvllm:num_requests_running%7Cgauge?labelSelector=app%3D"
            "gemma-server")
        self.assertRegex(item.pop("timestamp"), "^20..-..-..T..:..:..Z$")
        self.assertEqual(item, {
            "describedObject": {"kind": "Pod", "namespace": "default",
                                "name": POD, "apiVersion": "/v1"},
            "metric": {"name": "prometheus.googleapis.com|vllm:num_requests_"
                               "running|gauge", "selector": None},
            "value": "3"})
        self.assertEqual(self.program.queries(start), [
            "sum by (namespace,pod) (vllm:num_requests_running{"
            f'namespace="default",pod="{POD}"}})'])

    def test_a_counter_is_its_rate_over_all_series_of_the_pod(self):
        item, = self.items(pods("vllm:prefix_cache_hits_total", "counter"))
        self.assertAlmostEqual(number(item), 42, delta=0.01)

    def test_a_selector_chooses_series_and_comes_back(self):
        item, = self.items(pods("vllm:prefix_cache_hits_total", "counter",
                                "metric.labels.engine=1"))
        self.assertAlmostEqual(number(item), 12, delta=0.01)
        self.assertEqual(item["metric"]["selector"],
                         {"matchLabels": {"metric.labels.engine": "1"}})

    def test_a_histogram_is_a_percentile(self):
        item, = self.items(pods("rpc_seconds", "histogram",
                                "reducer=REDUCE_PERCENTILE_50"))
        self.assertAlmostEqual(number(item), 0.1, delta=0.01)
        item, = self.items(pods("rpc_seconds", "histogram",
                                "reducer=REDUCE_MEAN"))
        self.assertAlmostEqual(number(item), 0.15, delta=0.01)
        self.assertTrue(self.message(pods("rpc_seconds", "histogram"), 400)
                        .startswith("distributions are not supported"))

    def test_nodes_are_asked_for_by_name(self):
        item, = self.items(f"{CUSTOM}/nodes/n1/{name('load', 'gauge')}")
        self.assertEqual(
            (item["describedObject"]["name"], item["value"]), ("n1", "1500m"))

    def test_an_external_metric_has_the_series_of_all_namespaces(self):
        values = {
            item["metricLabels"]["metric.labels.pod"]: item["value"]
            for item in self.items(
                external("vllm:num_requests_running", "gauge"))}
        self.assertEqual(sorted(values.values()), ["3", "4", "8"])
        self.assertEqual(values[POD], "3")

    def test_external_selectors_choose_and_reduce(self):
        item, = self.items(external(
            "vllm:num_requests_running", "gauge",
            "resource.labels.namespace=default,resource.type=prometheus_target"
            f",metric.labels.pod in ({POD},other)"))
        self.assertEqual(item.pop("value"), "3")
        self.assertEqual(item["metricLabels"], {
            "metric.labels.container": "inference-server",
            "metric.labels.model_name": "google/gemma-3-1b-it",
            "metric.labels.pod": POD,
            "resource.labels.instance": "10.8.0.21:8081",
            "resource.labels.job": "gemma-pod-monitoring",
            "resource.labels.namespace": "default",
            "resource.type": "prometheus_target"})
        cases = [("REDUCE_SUM", "15"), ("REDUCE_MEAN", "5"),
                 ("REDUCE_MAX", "8"), ("REDUCE_COUNT", "3"),
                 ("REDUCE_PERCENTILE_50", "4")]
        for reducer, value in cases:
            with self.subTest(reducer):
                item, = self.items(external("vllm:num_requests_running",
                                            "gauge", f"reducer={reducer}"))
                self.assertEqual(item["value"], value)
                self.assertEqual(item["metricLabels"],
                                 {"resource.type": "prometheus_target"})

    def test_an_external_counter_is_the_rate_of_each_series(self):
        items = self.items(
            external("vllm:prefix_cache_hits_total", "counter"))
        slow, fast = sorted(number(item) for item in items)
        self.assertAlmostEqual(slow, 12, delta=0.01)
        self.assertAlmostEqual(fast, 30, delta=0.01)

    def test_names_that_nobody_has_are_not_found(self):
        nope = "prometheus.googleapis.com|nope|gauge"
        self.assertEqual(
            self.message(pods("nope", "gauge"), 404),
            f"the server could not find the metric {nope} for pods")
        self.assertEqual(
            self.message(external("nope", "gauge"), 404),
            f"the server could not find the metric {nope} for namespaces")
        self.assertEqual(
            self.items(pods("vllm:num_requests_running", "gauge",
                            "metric.labels.engine=9")), [])

    def test_selectors_that_cannot_be_mapped_are_refused(self):
        self.assertEqual(
            self.message(pods("load", "gauge", "engine=0"), 400),
            'Metric label: "engine" is not allowed')
        self.assertEqual(
            self.message(external("load", "gauge", "!metric.labels.k"), 400),
            "operator DoesNotExist is not supported: metric.labels.k")

    def test_the_group_versions_are_served_and_list_nothing(self):
        for version in ("custom.metrics.k8s.io/v1beta1",
                        "custom.metrics.k8s.io/v1beta2",
                        "external.metrics.k8s.io/v1beta1"):
            with self.subTest(version):
                reply = self.client.get(f"/apis/{version}",
                                        {"Accept": "application/json"})
                self.assertEqual(
                    json.loads(reply.body),
                    {"kind": "APIResourceList", "apiVersion": "v1",
                     "groupVersion": version, "resources": []})

    def test_explain_shows_the_rule_that_the_name_makes(self):
        path = pods("vllm:num_requests_running", "gauge")
        reply = self.client.get(
            "/debug/explain?path=" + urllib.parse.quote(path))
        self.assertEqual(reply.status, 200, reply)
        document = json.loads(reply.body)
        self.assertEqual(document["cause"], "value")
        rule, = document["rules"]
        self.assertEqual(
            (rule["rule"], rule["chosen"], rule["seriesQuery"]),
            ("stackdriver", True, '{__name__="vllm:num_requests_running"}'))


class PrometheusStackdriverTest(StackdriverNames, unittest.TestCase):
    backend_class = Prometheus


class VictoriaMetricsStackdriverTest(StackdriverNames, unittest.TestCase):
    backend_class = VictoriaMetrics


class StandIn(StackdriverNames):
    """Behind what refuses all but exact names, as Google and Azure do."""

    backend_class = Prometheus

    def tearDown(self):
        self.assertEqual(self.gateway.refused, [])


class GoogleStackdriverTest(StandIn, unittest.TestCase):
    gateway_class = Google

    @staticmethod
    def flags(folder):
        token = folder / "token"
        token.write_text(Google.token)
        return ["--backend=google", "--prometheus-token-file", token]


class AzureStackdriverTest(StandIn, unittest.TestCase):
    gateway_class = Azure

    @staticmethod
    def flags(_folder):
        return ["--backend=azure"]


class ServiceMetricsTest(unittest.TestCase):
    """Metrics of Google's services, of which VictoriaMetrics takes the names."""

    SERIES = "".join(
        "pubsub.googleapis.com/subscription/num_undelivered_messages{"
        f'monitored_resource="pubsub_subscription",project_id="p",'
        f'subscription_id="{name}"}} {value} {{now}}\n'
        for name, value in (("jobs", 30), ("mail", 5)))

    def test_an_hpa_on_a_subscription(self):
        folder = pathlib.Path(
            self.enterContext(tempfile.TemporaryDirectory()))
        backend = VictoriaMetrics(folder)
        self.addCleanup(backend.stop)
        backend.add(self.SERIES.replace("{now}", str(int(time.time()))))
        rules = folder / "config.yaml"
        rules.write_text(
            "stackdriver: {serviceMetrics: {pubsub.googleapis.com|subscription|"
            "num_undelivered_messages: gauge}}\n")
        program = Sextant(folder, rules, backend.url)
        self.addCleanup(program.stop)
        program.wait_until_ready()
        client = program.http1()
        self.addCleanup(client.close)
        reply = client.get(
            f"{EXTERNAL}/pubsub.googleapis.com%7Csubscription%7Cnum_"
            "undelivered_messages?labelSelector=resource.labels.subscription_"
            "id%3Djobs%2Cresource.type%3Dpubsub_subscription")
        self.assertEqual(reply.status, 200, reply)
        item, = json.loads(reply.body)["items"]
        self.assertEqual(item["value"], "30")
        self.assertEqual(item["metricLabels"], {
            "metric.labels.subscription_id": "jobs",
            "resource.labels.project_id": "p",
            "resource.type": "pubsub_subscription"})
