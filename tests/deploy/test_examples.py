"""The examples: whole, well formed, and saying the same in every file.

That a real API server takes their objects, and that their HPAs scale, is tried
in tests/e2e; that their rules give the values of their READMEs, in
tests/integration.
"""

import json
import pathlib
import subprocess
import tempfile
import unittest

import yaml

import chart
import cluster
from support import paths
from support.backends import Prometheus

EXAMPLES = sorted(file.parent for file in paths.EXAMPLES.glob("*/rules.yaml"))
CONFIGURATION = ("rules", "values", "prometheus")

# The Service of NVIDIA's operator: its labels and ports.
DCGM = {"metadata": {"namespace": "gpu-operator",
                     "labels": {"app": "nvidia-dcgm-exporter"}},
        "spec": {"ports": [{"name": "gpu-metrics"}]}}


def of_each(check):
    """A test of each example by itself."""
    def test(self):
        self.assertEqual(len(EXAMPLES), 5)
        for folder in EXAMPLES:
            with self.subTest(folder.name):
                check(self, folder)
    return test


def is_configuration(file):
    return file.name.startswith(CONFIGURATION)


def objects(folder):
    """All that is applied, with the file it is in."""
    for file in sorted(folder.glob("*.yaml")):
        if not is_configuration(file):
            for document in yaml.safe_load_all(file.read_text()):
                yield file.name, document


def of_kind(folder, kind):
    return [document for _, document in objects(folder) if document["kind"] == kind]


class Examples(unittest.TestCase):
    @of_each
    def test_everything_is_there(self, folder):
        names = {file.name for file in folder.iterdir()}
        self.assertLessEqual(
            {"README.md", "rules.yaml", "values.yaml", "hpa.yaml", "network-policy.yaml",
             "request.txt", "objects.json", "series.prom"}, names)
        self.assertTrue(names & {"scrape.yaml", "prometheus-scrape.yaml",
                                 "prometheus-values.yaml"})

    @of_each
    def test_objects_are_objects(self, folder):
        seen = set()
        for file, document in objects(folder):
            with self.subTest(file):
                name = document["metadata"]["name"]
                self.assertTrue(document["apiVersion"])
                self.assertTrue(document["metadata"]["namespace"])
                one = (document["kind"], document["metadata"]["namespace"], name)
                self.assertNotIn(one, seen)
                seen.add(one)

    @of_each
    def test_configuration_holds_no_objects(self, folder):
        for file in folder.glob("*.yaml"):
            if is_configuration(file):
                for document in yaml.safe_load_all(file.read_text()):
                    self.assertNotIn("kind", document)

    @of_each
    def test_check_accepts_the_rules(self, folder):
        done = subprocess.run([paths.PROGRAM, "check", folder / "rules.yaml"],
                              capture_output=True, text=True, check=False)
        self.assertEqual(done.returncode, 0, done.stdout + done.stderr)

    @of_each
    def test_the_values_make_the_same_rules(self, folder):
        made = chart.config(chart.render(folder / "values.yaml"))
        self.assertEqual(self.without_empty(yaml.safe_load(made)),
                         self.without_empty(yaml.safe_load((folder / "rules.yaml").read_text())))

    @staticmethod
    def without_empty(config):
        """An empty list of filters is as good as none."""
        for rules in config.values():
            for rule in rules:
                if not rule.get("seriesFilters", True):
                    del rule["seriesFilters"]
        return config

    @of_each
    def test_monitors_find_their_services(self, folder):
        services = of_kind(folder, "Service") + [DCGM]
        for monitor in of_kind(folder, "ServiceMonitor"):
            wanted = monitor["spec"]["selector"]["matchLabels"].items()
            ports = [port["name"] for service in services
                     if service["metadata"]["namespace"] == monitor["metadata"]["namespace"]
                     and wanted <= service["metadata"].get("labels", {}).items()
                     for port in service["spec"]["ports"]]
            for endpoint in monitor["spec"]["endpoints"]:
                self.assertIn(endpoint["port"], ports)

    @of_each
    def test_workloads_have_their_namespaces_policy(self, folder):
        policies = {p["metadata"]["namespace"] for p in of_kind(folder, "NetworkPolicy")}
        for monitor in of_kind(folder, "ServiceMonitor") + of_kind(folder, "PodMonitor"):
            self.assertIn(monitor["metadata"]["namespace"], policies)

    @of_each
    def test_the_readme_leads_through_every_file(self, folder):
        text = (folder / "README.md").read_text()
        for file in folder.glob("*.yaml"):
            self.assertIn(file.name, text)
        self.assertIn("sextant / What autoscalers see", text)

    def test_promtool_accepts_recording_rules(self):
        found = 0
        for folder in EXAMPLES:
            for rule in of_kind(folder, "PrometheusRule"):
                self.promtool(["check", "rules"], rule["spec"])
                found += 1
        self.assertGreater(found, 0)

    def test_promtool_accepts_scrape_configurations(self):
        found = 0
        for folder in EXAMPLES:
            for file in folder.glob("prometheus*.yaml"):
                document = yaml.safe_load(file.read_text())
                jobs = document.get("scrape_configs") or document["prometheus"][
                    "prometheusSpec"]["additionalScrapeConfigs"]
                for job in jobs:
                    # Debian builds Prometheus without a cluster's targets.
                    if job.pop("kubernetes_sd_configs", None):
                        job["static_configs"] = [{"targets": ["localhost:1"]}]
                self.promtool(["check", "config", "--syntax-only"], {"scrape_configs": jobs})
                found += 1
        self.assertGreater(found, 1)

    def promtool(self, command, document):
        with tempfile.TemporaryDirectory() as folder:
            file = pathlib.Path(folder) / "file.yaml"
            file.write_text(json.dumps(document))
            done = subprocess.run([paths.PROMTOOL, *command, file],
                                  capture_output=True, text=True, check=False)
            self.assertEqual(done.returncode, 0, done.stdout + done.stderr)

    def test_the_recording_rule_gives_the_series_that_the_rules_read(self):
        folder = paths.EXAMPLES / "vllm-gpu"
        series = ('DCGM_FI_DEV_GPU_UTIL{gpu="0",namespace="gpu-operator",pod="exporter",'
                  'exported_namespace="vllm-example",exported_pod="vllm-0"}')
        with tempfile.TemporaryDirectory() as name:
            work = pathlib.Path(name)
            rule = of_kind(folder, "PrometheusRule")[0]
            (work / "rules.yaml").write_text(json.dumps(rule["spec"]))
            (work / "test.yaml").write_text(json.dumps({
                "rule_files": ["rules.yaml"], "evaluation_interval": "15s",
                "tests": [{"interval": "15s",
                           "input_series": [{"series": series, "values": "42x10"}],
                           "promql_expr_test": [{
                               "eval_time": "1m",
                               "expr": "sum by (namespace, pod) (dcgm_fi_dev_gpu_util_relabelled)",
                               "exp_samples": [{
                                   "labels": '{namespace="vllm-example", pod="vllm-0"}',
                                   "value": 42}]}]}]}))
            done = subprocess.run([paths.PROMTOOL, "test", "rules", work / "test.yaml"],
                                  capture_output=True, text=True, check=False)
            self.assertEqual(done.returncode, 0, done.stdout + done.stderr)

    def test_the_scrape_jobs_give_the_series_that_the_rules_read(self):
        """What a cluster tells of a target stands here as its labels."""
        folder = paths.EXAMPLES / "istio-rollout-gpu"
        found = {
            "istio-sidecars": {
                "__meta_kubernetes_pod_container_port_name": "http-envoy-prom",
                "__meta_kubernetes_namespace": "test",
                "__meta_kubernetes_pod_name": "podinfo-0"},
            "nvidia-dcgm-exporter": {
                "__meta_kubernetes_service_name": "nvidia-dcgm-exporter",
                "__meta_kubernetes_service_label_app": "nvidia-dcgm-exporter",
                "__meta_kubernetes_namespace": "infra",
                "__meta_kubernetes_pod_node_name": "node-1"}}
        page = cluster.Page(
            'istio_requests_total{response_code="200"} 7\n'
            'DCGM_FI_DEV_GPU_UTIL{gpu="0",namespace="zone-itg",pod="aiservice-0",'
            'container="service"} 90\n')
        self.addCleanup(page.stop)
        jobs = yaml.safe_load((folder / "prometheus-scrape.yaml").read_text())["scrape_configs"]
        for job in jobs:
            del job["kubernetes_sd_configs"]
            job["scrape_interval"] = "1s"
            job["static_configs"] = [{"targets": [f"127.0.0.1:{page.server_port}"],
                                      "labels": found.pop(job["job_name"])}]
        self.assertEqual(found, {})
        prometheus = Prometheus(self.enterContext(tempfile.TemporaryDirectory()),
                                scrape_configs=jobs)
        self.addCleanup(prometheus.stop)
        rules = yaml.safe_load((folder / "rules.yaml").read_text())["rules"]
        for rule in rules:
            prometheus.wait_for(rule["seriesQuery"])
        istio, gpu = (prometheus.values(rule["seriesQuery"])[0]["metric"] for rule in rules)
        self.assertEqual((istio["namespace"], istio["pod"]), ("test", "podinfo-0"))
        self.assertEqual((gpu["exported_namespace"], gpu["pod"]), ("zone-itg", "aiservice-0"))
        self.assertEqual(gpu["namespace"], "infra")
