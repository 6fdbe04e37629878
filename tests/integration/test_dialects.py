"""Each kind of backend is recognised, and asked in its own way."""

import json
import pathlib
import re
import subprocess
import tempfile
import unittest

from support import paths, versions
from support.backends import Prometheus, VictoriaMetrics, VmAuth, history
from support.gateways import (
    Amazon, Azure, Google, Thanos, VictoriaMetricsCluster)
from support.program import Sextant

EXAMPLE = paths.EXAMPLES / "vllm-gpu"
NAMESPACE = "vllm-example"
PODS = ["vllm-gemma-deployment-69bc477d85-qmg2v",
        "vllm-gemma-deployment-69bc477d85-x7k2p"]


def rule(series_query, name):
    return {
        "seriesQuery": series_query, "name": {"as": name},
        "resources": {"overrides": {"namespace": {"resource": "namespace"},
                                    "pod": {"resource": "pod"}}},
        "metricsQuery":
            "sum(<<.Series>>{<<.LabelMatchers>>}) by (<<.GroupBy>>)"}


RULES = json.dumps({
    "rules": [rule('vllm:num_requests_running{pod!=""}', "exact"),
              rule('{__name__=~"^vllm:num_requests_r.*",namespace!="",'
                   'pod!="",__name__!~".*_sum"}', "pattern"),
              rule("vllm:no_such_series", "none")],
    "externalRules": [rule('{__name__=~"^dcgm_fi_.*"}', "gpu")]})
OBJECTS = json.dumps({"kind": "List", "apiVersion": "v1", "items": [
    {"kind": "Pod", "apiVersion": "v1",
     "metadata": {"name": pod, "namespace": NAMESPACE, "labels": {"app": "v"}}}
    for pod in PODS]})


class Dialects(unittest.TestCase):

    @classmethod
    def setUpClass(cls):
        cls.folder = pathlib.Path(
            cls.enterClassContext(tempfile.TemporaryDirectory()))
        cls.rules = cls.folder / "rules.yaml"
        cls.rules.write_text(RULES)
        cls.objects = cls.folder / "objects.json"
        cls.objects.write_text(OBJECTS)
        cls.token = cls.folder / "token"
        cls.token.write_text(Google.token)
        cls.samples = history(EXAMPLE / "series.prom")
        cls.prometheus = Prometheus(cls.folder, cls.samples)
        cls.addClassCleanup(cls.prometheus.stop)

    def gateway(self, kind):
        made = kind(self.prometheus.url)
        self.addCleanup(made.close)
        return made

    def run_json(self, command, url, *arguments, code=0):
        done = subprocess.run(
            [paths.PROGRAM, command, "--prometheus-url", url, "--output=json",
             *map(str, arguments)], timeout=60, capture_output=True, text=True,
            check=False)
        self.assertEqual(done.returncode, code, done.stdout + done.stderr)
        return json.loads(done.stdout)

    def found(self, url, *arguments):
        """What the backend is taken for, and how many series each rule has."""
        document = self.run_json("check", url, *arguments, self.rules)
        rules = document["files"][0]["rules"]
        self.assertEqual([r["error"] for r in rules], [""] * len(rules))
        return document["backend"], [r["series"] for r in rules]

    def explain(self, url, *arguments, code=0):
        return self.run_json(
            "explain", url, "--config", self.rules, "--standalone-objects",
            self.objects, "-n", NAMESPACE, *arguments, code=code)

    def values(self, document):
        return {item["describedObject"]["name"]: item["value"]
                for item in document["response"]["items"]}

    def check_all_of_it(self, url, dialect, *arguments):
        """Discovery, values of many and of one, and an external metric."""
        backend, series = self.found(url, *arguments)
        self.assertEqual(backend["dialect"], dialect)
        self.assertEqual(series, [1, 1, 0, 1])
        for metric in ("exact", "pattern"):
            with self.subTest(metric):
                document = self.explain(url, "pods/*", metric, *arguments)
                self.assertEqual(document["backend"], backend)
                self.assertEqual(list(self.values(document)), PODS)
        one = self.explain(url, f"pods/{PODS[1]}", "pattern", *arguments)
        self.assertEqual(list(self.values(one)), PODS[1:])
        external = self.explain(url, "external", "gpu", *arguments)
        self.assertEqual(len(external["response"]["items"]), 1)

    def test_a_real_prometheus(self):
        self.check_all_of_it(self.prometheus.url, "prometheus")
        backend, _ = self.found(self.prometheus.url)
        self.assertIn(f"buildinfo has version {versions.text('prometheus')}",
                      backend["why"])

    def test_a_real_victoria_metrics(self):
        victoria = VictoriaMetrics(self.folder, self.samples)
        self.addCleanup(victoria.stop)
        self.check_all_of_it(victoria.url, "victoriametrics")
        self.check_all_of_it(victoria.url + "/prometheus", "victoriametrics")
        # A path that it does not have: 400, not 404.
        failed = self.explain(victoria.url + "/wrong", "pods/*", "exact",
                              "--backend=victoriametrics", code=1)
        self.assertIn("the prefix of the API", json.dumps(failed))

    def test_a_victoria_metrics_behind_vmauth(self):
        """With the rights that docs/BACKENDS.md asks for."""
        victoria = VictoriaMetrics(self.folder, self.samples)
        self.addCleanup(victoria.stop)
        page = (paths.CHECKOUT / "docs" / "BACKENDS.md").read_text()
        rights = re.search(r"`src_paths` let `([^`]+)` through", page).group(1)
        vmauth = VmAuth(self.folder, victoria, Google.token, [rights])
        self.addCleanup(vmauth.stop)
        self.check_all_of_it(vmauth.url, "victoriametrics",
                             "--prometheus-token-file", self.token)
        document = self.run_json("check", vmauth.url, self.rules, code=1)
        self.assertIn("unknown response code 401", json.dumps(document))

    def test_google(self):
        google = self.gateway(Google)
        self.check_all_of_it(google.url, "google", "--prometheus-token-file",
                             self.token)
        self.assertEqual(google.refused, [])
        self.assertNotIn("series", google.asked)

    def test_google_says_who_is_not_let_in(self):
        google = self.gateway(Google)
        document = self.run_json("check", google.url, self.rules, code=1)
        self.assertIn("UNAUTHENTICATED: no valid credentials",
                      json.dumps(document))

    def test_azure(self):
        azure = self.gateway(Azure)
        self.check_all_of_it(azure.url, "azure", "--backend=azure")
        self.assertEqual(azure.refused, [])

    def test_amazon(self):
        amazon = self.gateway(Amazon)
        self.check_all_of_it(amazon.url, "amazon")
        self.assertEqual(amazon.refused, [])

    def test_thanos_with_all_its_stores(self):
        thanos = self.gateway(Thanos)
        thanos.store_is_down = False
        self.check_all_of_it(thanos.url, "thanos")
        self.assertEqual(thanos.refused, [])

    def test_half_an_answer_is_none(self):
        """With a store down nobody gets the half that is left."""
        hidden = self.gateway(Thanos)
        hidden.tells_build = False
        for backend, dialect in ((self.gateway(Thanos), "thanos"),
                                 (hidden, "prometheus"),
                                 (self.gateway(VictoriaMetricsCluster),
                                  "victoriametrics")):
            with self.subTest(dialect):
                backend.store_is_down = False
                self.lose_a_store(backend, dialect)

    def lose_a_store(self, backend, dialect):
        folder = pathlib.Path(self.enterContext(tempfile.TemporaryDirectory()))
        program = Sextant(folder, self.rules, backend.url, self.objects)
        self.addCleanup(program.stop)
        program.wait_until_ready()
        self.assertIn(f"backend recognised dialect={dialect} ", program.log())
        client = program.http1()
        self.addCleanup(client.close)
        path = (f"/apis/custom.metrics.k8s.io/v1beta1/namespaces/{NAMESPACE}"
                "/pods/%2A/exact?labelSelector=app%3Dv")
        self.assertEqual(client.get(path).status, 200)
        backend.store_is_down = True
        self.assertEqual(client.get(path).status, 500)
        backend.store_is_down = False
        self.assertEqual(client.get(path).status, 200)
        self.assertEqual(program.log().count("backend recognised"), 1)


if __name__ == "__main__":
    unittest.main()
