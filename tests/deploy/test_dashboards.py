"""The dashboards and alerts: well formed, about metrics there are, and right.

Their queries run on a real Prometheus that has scraped a real sextant, which
itself asks a real API server; the alerts run in promtool (alerts_test.yaml).
"""

import json
import pathlib
import re
import subprocess
import tempfile
import unittest
import urllib.error
import urllib.parse
import urllib.request

import yaml

import cluster
from support import paths
from support.backends import Prometheus, history

HERE = pathlib.Path(__file__).resolve().parent
DASHBOARDS = paths.CHECKOUT / "deploy" / "dashboards"
DOCS = paths.CHECKOUT / "docs"

# What stands where kube-state-metrics would: its names and labels.
KUBE_STATE_METRICS = """
kube_horizontalpodautoscaler_spec_max_replicas{namespace="shop",horizontalpodautoscaler="web"} 5
kube_horizontalpodautoscaler_spec_min_replicas{namespace="shop",horizontalpodautoscaler="web"} 1
kube_horizontalpodautoscaler_status_current_replicas{namespace="shop",horizontalpodautoscaler="web"} 2
kube_horizontalpodautoscaler_status_desired_replicas{namespace="shop",horizontalpodautoscaler="web"} 3
kube_horizontalpodautoscaler_status_condition{namespace="shop",horizontalpodautoscaler="web",condition="ScalingActive",status="false"} 0
kube_horizontalpodautoscaler_status_condition{namespace="shop",horizontalpodautoscaler="web",condition="ScalingLimited",status="true"} 0
kube_horizontalpodautoscaler_spec_target_metric{namespace="shop",horizontalpodautoscaler="web",metric_name="queue",metric_target_type="average"} 4
kube_horizontalpodautoscaler_status_target_metric{namespace="shop",horizontalpodautoscaler="web",metric_name="queue",metric_target_type="average"} 6
"""

SERIES = """
queue{namespace="shop",pod="web-0"} 8
queue{namespace="shop",pod="web-1"} 4
ratio{namespace="shop",pod="web-0"} NaN
ratio{namespace="shop",pod="web-1"} +Inf
"""

RULES = """
rules:
- seriesQuery: queue{namespace!="",pod!=""}
  resources: {overrides: {namespace: {resource: namespace}, pod: {resource: pod}}}
  metricsQuery: sum(<<.Series>>{<<.LabelMatchers>>}) by (<<.GroupBy>>)
- seriesQuery: ratio{namespace!="",pod!=""}
  resources: {overrides: {namespace: {resource: namespace}, pod: {resource: pod}}}
  metricsQuery: sum(<<.Series>>{<<.LabelMatchers>>}) by (<<.GroupBy>>)
- seriesQuery: queue{namespace!="",pod!=""}
  resources: {overrides: {namespace: {resource: namespace}, pod: {resource: pod}}}
  name: {as: broken}
  metricsQuery: sum(<<.Series>>{<<.LabelMatchers>>}) by (<<.GroupBy>>) * on () queue
- seriesQuery: nothing_has_this_name{namespace!="",pod!=""}
  resources: {overrides: {namespace: {resource: namespace}, pod: {resource: pod}}}
  metricsQuery: sum(<<.Series>>{<<.LabelMatchers>>}) by (<<.GroupBy>>)
externalRules:
- seriesQuery: queue
  resources: {overrides: {namespace: {resource: namespace}}}
  name: {as: total_queue}
  metricsQuery: sum(<<.Series>>{<<.LabelMatchers>>})
"""

OBJECTS = """
apiVersion: v1
kind: Namespace
metadata: {name: shop}
---
apiVersion: v1
kind: Namespace
metadata: {name: monitoring}
---
# As no controllers run.
apiVersion: v1
kind: ServiceAccount
metadata: {name: default, namespace: shop}
---
apiVersion: v1
kind: Pod
metadata: {name: web-0, namespace: shop, labels: {app: web}}
spec: {containers: [{name: web, image: web}]}
---
apiVersion: v1
kind: Pod
metadata: {name: web-1, namespace: shop, labels: {app: web}}
spec: {containers: [{name: web, image: web}]}
---
apiVersion: v1
kind: ServiceAccount
metadata: {name: prometheus-k8s, namespace: monitoring}
---
apiVersion: rbac.authorization.k8s.io/v1
kind: ClusterRole
metadata: {name: prometheus-k8s}
rules:
- nonResourceURLs: [/metrics]
  verbs: [get]
---
apiVersion: rbac.authorization.k8s.io/v1
kind: ClusterRoleBinding
metadata: {name: prometheus-k8s}
roleRef: {apiGroup: rbac.authorization.k8s.io, kind: ClusterRole, name: prometheus-k8s}
subjects: [{kind: ServiceAccount, name: prometheus-k8s, namespace: monitoring}]
"""

# Queries that may answer nothing while all is well: what they count has not
# happened.  The alerts are such queries too.
QUIET = {"Watches begun again", "Time of lists"}

# Metrics that begin with what they count.
LATER = {"sextant_kube_watch_restarts_total"}

KEYWORDS = {"and", "or", "unless", "bool", "offset", "by", "without", "on",
            "ignoring", "group_left", "group_right", "vector", "time"}


def metric_names(promql):
    """The names of series in a query."""
    text = re.sub(r'"(?:[^"\\]|\\.)*"', '""', promql)
    text = re.sub(r"\{[^}]*\}", "{}", text)
    text = re.sub(r"\[[^\]]*\]", "", text)
    text = re.sub(
        r"\b(by|without|on|ignoring|group_left|group_right)\s*\([^)]*\)", "", text)
    return {name for name in re.findall(r"\b[a-zA-Z_][a-zA-Z0-9_:]*\b(?!\s*\()", text)
            if name not in KEYWORDS}


def dashboards():
    return {file.name: json.loads(file.read_text())
            for file in sorted(DASHBOARDS.glob("*.json"))}


def panels(dashboard):
    """All panels, those of folded rows included, each with its row's title."""
    row = ""
    for panel in dashboard["panels"]:
        if panel["type"] == "row":
            row = panel["title"]
            yield from ((row, inner) for inner in panel["panels"])
        else:
            yield row, panel


def queries(dashboard):
    for row, panel in panels(dashboard):
        for target in panel.get("targets", []):
            yield row, panel["title"], target


def alerts():
    document = yaml.safe_load((DASHBOARDS / "alerts.yaml").read_text())
    return [rule for group in document["groups"] for rule in group["rules"]]


def anchors(markdown):
    """The names that links into a page may have, as GitHub makes them."""
    found = set()
    for title in re.findall(r"^#+ (.*)$", markdown, re.MULTILINE):
        kept = re.sub(r"[^\w\- ]", "", title.lower())
        found.add(kept.replace(" ", "-"))
    return found


class Files(unittest.TestCase):
    """What can be said without running anything."""

    def test_they_are_what_generate_writes(self):
        with tempfile.TemporaryDirectory() as folder:
            subprocess.run([DASHBOARDS / "generate", "--output", folder], check=True)
            written = sorted(pathlib.Path(folder).iterdir())
            self.assertEqual([file.name for file in written],
                             ["prometheusrule.yaml", "sextant-autoscalers.json",
                              "sextant-operations.json"])
            for file in written:
                with self.subTest(file.name):
                    self.assertEqual(
                        file.read_text(), (DASHBOARDS / file.name).read_text(),
                        "run deploy/dashboards/generate")

    def test_panels_are_complete(self):
        for file, dashboard in dashboards().items():
            numbers = [panel["id"] for panel in dashboard["panels"]]
            numbers += [panel["id"] for panel in dashboard["panels"]
                        if panel["type"] == "row" for panel in panel["panels"]]
            self.assertEqual(len(numbers), len(set(numbers)), file)
            for _, panel in panels(dashboard):
                with self.subTest(file, panel=panel["title"]):
                    self.assertTrue(panel["title"])
                    self.assertTrue(panel["description"])
                    if panel["type"] == "text":
                        continue
                    self.assertEqual(panel["datasource"]["uid"], "${datasource}")
                    self.assertTrue(panel["targets"])
                    units = [panel["fieldConfig"]["defaults"].get("unit")]
                    units += [change["value"]
                              for override in panel["fieldConfig"]["overrides"]
                              for change in override["properties"]
                              if change["id"] == "unit"]
                    self.assertTrue(any(units))

    def test_panels_do_not_overlap(self):
        for file, dashboard in dashboards().items():
            taken = {}
            rows = [panel for panel in dashboard["panels"] if panel["type"] == "row"]
            every = [panel for _, panel in panels(dashboard)] + rows
            for panel in every:
                place = panel["gridPos"]
                self.assertLessEqual(place["x"] + place["w"], 24, panel["title"])
                for x in range(place["x"], place["x"] + place["w"]):
                    for y in range(place["y"], place["y"] + place["h"]):
                        self.assertNotIn((x, y), taken, (file, panel["title"]))
                        taken[x, y] = panel["title"]

    def test_variables_are_declared_and_used(self):
        for file, dashboard in dashboards().items():
            with self.subTest(file):
                declared = {v["name"] for v in dashboard["templating"]["list"]}
                text = json.dumps(dashboard["panels"]) + json.dumps(
                    dashboard["templating"])
                used = set(re.findall(r"\$\{?([a-z_]+)\}?", text)) - {"__rate_interval",
                                                                      "__all"}
                self.assertEqual(used, declared)

    def test_every_alert_leads_to_its_section(self):
        known = anchors((DOCS / "TROUBLESHOOTING.md").read_text())
        for alert in alerts():
            with self.subTest(alert["alert"]):
                page, _, anchor = alert["annotations"]["runbook_url"].partition("#")
                self.assertEqual(page, "docs/TROUBLESHOOTING.md")
                self.assertEqual(anchor, alert["alert"].lower())
                self.assertIn(anchor, known)
                self.assertEqual(set(alert["annotations"]),
                                 {"summary", "description", "runbook_url"})
                self.assertIn(alert["labels"]["severity"],
                              {"critical", "warning", "info"})

    def test_the_prometheus_rule_has_the_same_groups(self):
        rule = yaml.safe_load((DASHBOARDS / "prometheusrule.yaml").read_text())
        groups = yaml.safe_load((DASHBOARDS / "alerts.yaml").read_text())
        self.assertEqual(rule["spec"], groups)


class Promtool(unittest.TestCase):
    def run_promtool(self, *arguments):
        done = subprocess.run([paths.PROMTOOL, *arguments],
                              capture_output=True, text=True, check=False)
        self.assertEqual(done.returncode, 0, done.stdout + done.stderr)

    def test_the_rules_are_valid(self):
        self.run_promtool("check", "rules", DASHBOARDS / "alerts.yaml")

    def test_alerts_fire_when_they_should_and_only_then(self):
        self.run_promtool("test", "rules", HERE / "alerts_test.yaml")

    def test_each_alert_is_tried_both_ways(self):
        tests = yaml.safe_load((HERE / "alerts_test.yaml").read_text())["tests"]
        fires, rests = set(), set()
        for case in (case for test in tests for case in test["promql_expr_test"]):
            name = re.search(r'alertname="(\w+)"', case["expr"]).group(1)
            self.assertIn('alertstate="firing"', case["expr"])
            (fires if case["exp_samples"] else rests).add(name)
        names = {alert["alert"] for alert in alerts()}
        self.assertEqual(fires, names)
        self.assertEqual(rests, names)


class Queries(unittest.TestCase):
    """All of them, on Prometheus with the metrics of a sextant at work."""

    @classmethod
    def setUpClass(cls):
        folder = pathlib.Path(
            cls.enterClassContext(tempfile.TemporaryDirectory()))
        plane = cluster.ControlPlane(folder)
        cls.addClassCleanup(plane.stop)
        plane.apply(OBJECTS)
        cls.page = cluster.Page(SERIES + KUBE_STATE_METRICS)
        cls.addClassCleanup(cls.page.stop)
        cls.prometheus = cls.start_prometheus(folder, plane)
        cls.addClassCleanup(cls.prometheus.stop)
        (folder / "rules.yaml").write_text(RULES)
        cls.prometheus.wait_for("queue")
        cls.program = cluster.ClusterSextant(
            plane, folder, folder / "rules.yaml", cls.prometheus.url,
            plane.path("admin.kubeconfig"))
        cls.addClassCleanup(cls.program.stop)
        cls.program.wait_until_ready()
        (folder / "sextant.json").write_text(json.dumps(
            [{"targets": [cls.program.address], "labels": {
                # What the Prometheus Operator adds to a target.
                "job": "sextant", "namespace": "monitoring", "endpoint": "https",
                "service": "sextant", "pod": "sextant-0", "container": "sextant"}}]))
        cls.ask()

    @classmethod
    def start_prometheus(cls, folder, plane):
        token = plane.token("monitoring", "prometheus-k8s")
        return Prometheus(folder, scrape_configs=[
            cls.page.scrape_config(),
            {"job_name": "sextant", "scheme": "https",
             "authorization": {"credentials_file": str(token)},
             "tls_config": {"ca_file": str(plane.path("serving-ca.crt")),
                            "server_name": "sextant.monitoring.svc"},
             "file_sd_configs": [{"files": [str(folder / "sextant.json")],
                                  "refresh_interval": "1s"}]}])

    @classmethod
    def ask(cls):
        """Requests of every kind of end, until Prometheus has rates of them."""
        client = cls.program.client("admin")
        cls.addClassCleanup(client.close)
        custom = "/apis/custom.metrics.k8s.io/v1beta1/namespaces/shop/pods/%2A/"
        selector = "?labelSelector=app%3Dweb"

        def round_of_requests():
            for path in (custom + "queue" + selector, custom + "ratio" + selector,
                         custom + "broken" + selector, custom + "unknown" + selector,
                         "/apis/external.metrics.k8s.io/v1beta1/namespaces/shop/total_queue"):
                client.get(path)
            return cls.prometheus.values(
                'count_over_time(sextant_rule_requests_total{outcome="value"}[1m]) > 2 '
                'and on () rate(apiserver_request_total{code="500"}[15s]) > 0')
        cls.program.wait_until("Prometheus has rates", round_of_requests, 60)
        metrics = client.get("/metrics")
        cls.families = dict(re.findall(r"^# TYPE (\S+) (\S+)$", metrics.body,
                                       re.MULTILINE))

    def answer(self, promql):
        """The result, and fails with what Prometheus says if it has none."""
        for name, value in (("$__rate_interval", "15s"), ("$job", "sextant"),
                            ("$instance", ".*"), ("$rule", ".*"),
                            ("$hpa_namespace", ".*"), ("$hpa", ".*")):
            promql = promql.replace(name, value)
        self.assertNotIn("$", promql)
        body = urllib.parse.urlencode({"query": promql}).encode()
        request = urllib.request.Request(
            self.prometheus.url + "/api/v1/query", data=body)
        try:
            with urllib.request.urlopen(request, timeout=20) as reply:
                return json.load(reply)["data"]["result"]
        except urllib.error.HTTPError as error:
            self.fail(f"{promql}\n{error.read().decode()}")

    def expect_known(self, promql, page_allowed):
        """Each name is on /metrics, or on the page where that is allowed."""
        shown = set(self.families) | LATER
        if page_allowed:
            shown |= set(re.findall(r"^(\w+)\{", KUBE_STATE_METRICS, re.MULTILINE))
        names = set()
        for name in metric_names(promql):
            family = re.sub("_(bucket|sum|count)$", "", name)
            names.add(family if family in shown else name)
        self.assertTrue(names, promql)
        self.assertEqual(names - shown, set(), promql)

    def test_panels_show_something(self):
        for file, dashboard in dashboards().items():
            for row, title, target in queries(dashboard):
                with self.subTest(file, panel=title, expr=target["expr"]):
                    self.expect_known(target["expr"], "kube-state-metrics" in row)
                    result = self.answer(target["expr"])
                    if title not in QUIET:
                        self.assertTrue(result, "the panel is empty")
                    wanted = re.findall(r"\{\{(\w+)\}\}", target["legendFormat"])
                    for series in result:
                        self.assertLessEqual(set(wanted), set(series["metric"]))

    def test_variables_find_something(self):
        for file, dashboard in dashboards().items():
            for variable in dashboard["templating"]["list"]:
                if variable["type"] == "datasource":
                    continue
                with self.subTest(file, variable=variable["name"]):
                    text = variable["query"]["query"]
                    series, label = re.fullmatch(
                        r"label_values\((.*), (\w+)\)", text).groups()
                    self.expect_known(series, variable["name"].startswith("hpa"))
                    self.assertTrue(self.answer(f"group by ({label}) ({series})"))

    def test_alerts_ask_for_what_there_is(self):
        for alert in alerts():
            with self.subTest(alert["alert"]):
                self.expect_known(alert["expr"], False)
                self.answer(alert["expr"])

    def test_metrics_are_for_those_who_may(self):
        client = self.program.client()
        self.addCleanup(client.close)
        self.assertEqual(client.get("/metrics").status, 403)


