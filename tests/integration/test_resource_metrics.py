"""metrics.k8s.io: what pods and nodes use, by the rules that people have."""

import json
import pathlib
import subprocess
import tempfile
import time
import unittest
import urllib.parse

from support import paths
from support.backends import Prometheus, VictoriaMetrics
from support.program import Sextant

# Each counter grows by so much a second, each gauge stands still.
COUNTERS = {
    'container_cpu_usage_seconds_total{namespace="shop",pod="web-0",'
    'container="web"}': 0.25,
    'container_cpu_usage_seconds_total{namespace="shop",pod="web-0",'
    'container="proxy"}': 0.125,
    # The whole pod, which no container is.
    'container_cpu_usage_seconds_total{namespace="shop",pod="web-0"}': 0.5,
    'container_cpu_usage_seconds_total{namespace="db",pod="pg-0",'
    'container="pg"}': 2,
    'container_cpu_usage_seconds_total{namespace="db",pod="gone-0",'
    'container="pg"}': 1,
    'node_cpu_seconds_total{mode="idle",cpu="0",namespace="monitoring",'
    'pod="exporter-x",node="n1"}': 0.75,
    'node_cpu_seconds_total{mode="user",cpu="0",namespace="monitoring",'
    'pod="exporter-x",node="n1"}': 0.25,
}
GAUGES = {
    'container_memory_working_set_bytes{namespace="shop",pod="web-0",'
    'container="web"}': 104857600,
    'container_memory_working_set_bytes{namespace="shop",pod="web-0",'
    'container="proxy"}': 1025,
    'container_memory_working_set_bytes{namespace="db",pod="pg-0",'
    'container="pg"}': 1073741824,
    'container_memory_working_set_bytes{namespace="db",pod="gone-0",'
    'container="pg"}': 1,
    'node_namespace_pod:kube_pod_info:{namespace="monitoring",'
    'pod="exporter-x",node="n1"}': 1,
    'node_memory_MemTotal_bytes{job="node-exporter",instance="n1",'
    'node="n1"}': 4294967296,
    'node_memory_MemAvailable_bytes{job="node-exporter",instance="n1",'
    'node="n1"}': 1073741824,
}

OBJECTS = """\
apiVersion: v1
kind: List
items:
- {apiVersion: v1, kind: Pod, metadata: {name: web-0, namespace: shop, labels: {app: web}}}
- {apiVersion: v1, kind: Pod, metadata: {name: new-0, namespace: shop, labels: {app: new}}}
- {apiVersion: v1, kind: Pod, metadata: {name: pg-0, namespace: db, labels: {app: pg}}}
- {apiVersion: v1, kind: Node, metadata: {name: n1, labels: {zone: a}}}
"""

# As kube-prometheus has them: nodes are joined from a recording rule for CPU,
# and are called instance for memory.
KUBE_PROMETHEUS = """\
resourceRules:
  cpu:
    containerLabel: container
    containerQuery: |
      sum by (<<.GroupBy>>) (
        irate(container_cpu_usage_seconds_total{<<.LabelMatchers>>,container!="",pod!=""}[120s])
      )
    nodeQuery: |
      sum by (<<.GroupBy>>) (
        1 - irate(node_cpu_seconds_total{mode="idle"}[60s])
        * on(namespace, pod) group_left(node) (
          node_namespace_pod:kube_pod_info:{<<.LabelMatchers>>}
        )
      )
      or sum by (<<.GroupBy>>) (
        1 - irate(windows_cpu_time_total{mode="idle", job="windows-exporter",<<.LabelMatchers>>}[4m])
      )
    resources:
      overrides:
        namespace: {resource: namespace}
        node: {resource: node}
        pod: {resource: pod}
  memory:
    containerLabel: container
    containerQuery: |
      sum by (<<.GroupBy>>) (
        container_memory_working_set_bytes{<<.LabelMatchers>>,container!="",pod!=""}
      )
    nodeQuery: |
      sum by (<<.GroupBy>>) (
        node_memory_MemTotal_bytes{job="node-exporter",<<.LabelMatchers>>}
        - node_memory_MemAvailable_bytes{job="node-exporter",<<.LabelMatchers>>}
      )
    resources:
      overrides:
        instance: {resource: node}
        namespace: {resource: namespace}
        pod: {resource: pod}
  window: 5m
"""

# As the values of prometheus-adapter's Helm chart propose.
CHART = """\
resourceRules:
  cpu:
    containerQuery: |
      sum by (<<.GroupBy>>) (
        rate(container_cpu_usage_seconds_total{container!="",<<.LabelMatchers>>}[3m])
      )
    nodeQuery: |
      sum by (<<.GroupBy>>) (
        rate(node_cpu_seconds_total{mode!="idle",mode!="iowait",mode!="steal",<<.LabelMatchers>>}[3m])
      )
    resources: &resources
      overrides:
        node: {resource: node}
        namespace: {resource: namespace}
        pod: {resource: pod}
    containerLabel: container
  memory:
    containerQuery: |
      sum by (<<.GroupBy>>) (
        avg_over_time(container_memory_working_set_bytes{container!="",<<.LabelMatchers>>}[3m])
      )
    nodeQuery: |
      sum by (<<.GroupBy>>) (
        avg_over_time(node_memory_MemTotal_bytes{<<.LabelMatchers>>}[3m])
        - avg_over_time(node_memory_MemAvailable_bytes{<<.LabelMatchers>>}[3m])
      )
    resources: *resources
    containerLabel: container
  window: 3m
"""

GROUP = "/apis/metrics.k8s.io/v1beta1"
JSON = {"Accept": "application/json"}
TABLE = {"Accept": "application/json;as=Table;v=v1;g=meta.k8s.io,"
                   "application/json"}

# Memory is exact.  rate() extrapolates, which may cost a thousandth of a core.
WEB = ("shop", "web-0", {"proxy": (125, "1025"), "web": (250, "100Mi")})
PG = ("db", "pg-0", {"pg": (2000, "1Gi")})
GONE = ("db", "gone-0", {"pg": (1000, "1")})
N1 = ("", "n1", {"": (250, "3Gi")})


def samples():
    """Twenty minutes around now, as OpenMetrics."""
    now = int(time.time())
    times = range(now - 600, now + 600, 15)
    lines = []
    for series, growth in COUNTERS.items():
        lines += [f"{series} {1000 + growth * (t - now + 600)} {t}"
                  for t in times]
    for series, value in GAUGES.items():
        lines += [f"{series} {value} {t}" for t in times]
    return "\n".join(lines) + "\n# EOF\n"


def milli(quantity):
    if quantity.endswith("m"):
        return int(quantity[:-1])
    return int(quantity) * 1000


def usages(item):
    if "containers" in item:
        return {one["name"]: one["usage"] for one in item["containers"]}
    return {"": item["usage"]}


class ResourceMetrics:
    """The tests on one backend; subclasses name it."""

    backend_class = None
    maxDiff = None

    @classmethod
    def setUpClass(cls):
        cls.folder = pathlib.Path(
            cls.enterClassContext(tempfile.TemporaryDirectory()))
        (cls.folder / "objects.yaml").write_text(OBJECTS)
        cls.backend = cls.backend_class(cls.folder, samples())
        cls.addClassCleanup(cls.backend.stop)

    def client(self, rules, with_objects=True):
        folder = pathlib.Path(
            self.enterContext(tempfile.TemporaryDirectory()))
        (folder / "rules.yaml").write_text(rules)
        objects = self.folder / "objects.yaml" if with_objects else None
        program = Sextant(folder, folder / "rules.yaml", self.backend.url,
                          objects)
        self.addCleanup(program.stop)
        program.wait_until_ready()
        client = program.http1()
        self.addCleanup(client.close)
        return client

    def check(self, client, path, expected):
        reply = client.get(GROUP + path, JSON)
        self.assertEqual(reply.status, 200, reply)
        items = json.loads(reply.body)["items"]
        self.assertEqual(
            [(item["metadata"].get("namespace", ""), item["metadata"]["name"])
             for item in items], [one[:2] for one in expected], path)
        for item, (_, name, wanted) in zip(items, expected):
            used = usages(item)
            self.assertEqual(list(used), list(wanted), name)
            for container, (cpu, memory) in wanted.items():
                self.assertEqual(used[container]["memory"], memory)
                self.assertAlmostEqual(
                    milli(used[container]["cpu"]), cpu, delta=1)

    def test_explain_and_own_metrics_tell_of_both_rules(self):
        client = self.client(CHART)
        path = urllib.parse.quote(GROUP + "/namespaces/shop/pods", safe="")
        reply = client.get("/debug/explain?path=" + path, JSON)
        self.assertEqual(reply.status, 200, reply)
        told = json.loads(reply.body)
        self.assertEqual(told["cause"], "value")
        self.assertEqual([rule["rule"] for rule in told["rules"]],
                         ["resourceRules.cpu", "resourceRules.memory"])
        for query in told["queries"]:
            self.assertEqual(query["type"], "vector", query)
            self.assertGreaterEqual(query["seconds"], 0)
            self.assertIn("value", {s["state"] for s in query["samples"]})
        # The Pod that has just come has no samples yet.
        self.assertTrue(any("shop/new-0" in line for line in told["advice"]))
        metrics = client.get("/metrics").body
        for line in (
                'sextant_rule_query_duration_seconds_count'
                '{rule="resourceRules.cpu"} 1\n',
                'sextant_rule_samples_total'
                '{rule="resourceRules.memory",state="value"} 2\n',
                '\nsextant_catalog_last_round_timestamp_seconds ',
                'sextant_certificate_not_after_seconds{use="serving"} '):
            self.assertIn(line, metrics)
        checked = subprocess.run(
            [paths.PROMTOOL, "check", "metrics"], input=metrics, text=True,
            capture_output=True, timeout=60, check=False)
        self.assertEqual(checked.stdout + checked.stderr, "")

    def test_rules_that_people_have(self):
        for rules in (KUBE_PROMETHEUS, CHART):
            with self.subTest(rules.count("irate")):
                client = self.client(rules)
                self.check(client, "/pods", [PG, WEB])
                self.check(client, "/namespaces/shop/pods", [WEB])
                self.check(client, "/pods?labelSelector=app%3Dweb", [WEB])
                self.check(client, "/pods?labelSelector=app%3Dnew", [])
                self.check(client, "/nodes", [N1])
                self.check(client, "/nodes?labelSelector=zone%3Db", [])

    def test_objects_from_the_series_alone(self):
        for rules in (KUBE_PROMETHEUS, CHART):
            with self.subTest(rules.count("irate")):
                client = self.client(rules, with_objects=False)
                self.check(client, "/pods", [GONE, PG, WEB])
                self.check(client, "/namespaces/shop/pods", [WEB])
                self.check(client, "/nodes", [N1])
                reply = client.get(
                    GROUP + "/pods?labelSelector=app%3Dweb", JSON)
                self.assertEqual(reply.status, 400)
                self.assertIn("--standalone-objects", reply.body)

    def test_one_object_in_both_versions(self):
        client = self.client(KUBE_PROMETHEUS)
        for version in ("v1", "v1beta1"):
            group = f"/apis/metrics.k8s.io/{version}"
            reply = client.get(group + "/namespaces/shop/pods/web-0", JSON)
            item = json.loads(reply.body)
            self.assertEqual(
                (item["kind"], item["apiVersion"], item["window"],
                 item["metadata"]["labels"]),
                ("PodMetrics", f"metrics.k8s.io/{version}", "5m0s",
                 {"app": "web"}))
            self.assertEqual(
                client.get(group + "/nodes/n1", JSON).status, 200)
            for path, text in (
                    ("/namespaces/shop/pods/new-0",
                     'podmetrics.metrics.k8s.io "shop/new-0" not found'),
                    ("/namespaces/shop/pods/gone-0",
                     'pods "gone-0" not found'),
                    ("/nodes/n2", 'nodes "n2" not found')):
                reply = client.get(group + path, JSON)
                self.assertEqual(reply.status, 404)
                self.assertEqual(json.loads(reply.body)["message"], text)

    def test_a_table_for_kubectl(self):
        client = self.client(KUBE_PROMETHEUS)
        table = json.loads(
            client.get(GROUP + "/namespaces/shop/pods?limit=500", TABLE).body)
        self.assertEqual(table["kind"], "Table")
        self.assertEqual(
            [column["name"] for column in table["columnDefinitions"]],
            ["Name", "cpu", "memory", "Window"])
        self.assertEqual(
            [row["cells"] for row in table["rows"]],
            [["web-0", "375m", "104858625", "5m0s"]])

    def test_discovery_lists_the_group(self):
        client = self.client(CHART)
        groups = json.loads(client.get("/apis", JSON).body)["groups"]
        self.assertEqual([group["name"] for group in groups],
                         ["metrics.k8s.io"])
        resources = json.loads(client.get(GROUP, JSON).body)["resources"]
        self.assertEqual([one["name"] for one in resources],
                         ["nodes", "pods"])


class PrometheusResourceMetricsTest(ResourceMetrics, unittest.TestCase):
    backend_class = Prometheus


class VictoriaMetricsResourceMetricsTest(ResourceMetrics, unittest.TestCase):
    backend_class = VictoriaMetrics


class BackendDownTest(unittest.TestCase):
    def test_a_backend_that_is_down_is_no_empty_list(self):
        with tempfile.TemporaryDirectory() as name:
            folder = pathlib.Path(name)
            (folder / "objects.yaml").write_text(OBJECTS)
            (folder / "rules.yaml").write_text(KUBE_PROMETHEUS)
            # Nobody listens on the port of `discard`.
            program = Sextant(folder, folder / "rules.yaml",
                              "http://127.0.0.1:9", folder / "objects.yaml")
            self.addCleanup(program.stop)
            client = program.http1()
            self.addCleanup(client.close)
            for path in ("/pods", "/nodes", "/namespaces/shop/pods/web-0"):
                with self.subTest(path):
                    reply = client.get(GROUP + path, JSON)
                    self.assertEqual(reply.status, 503, reply)
                    self.assertIn("unable to fetch metrics", reply.body)
