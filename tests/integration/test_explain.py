"""`sextant explain` against a real Prometheus, in its three forms."""

import json
import pathlib
import subprocess
import tempfile
import unittest
import urllib.parse

from support import paths
from support.backends import Prometheus, history
from support.program import Sextant

EXAMPLE = paths.EXAMPLES / "vllm-gpu"
NAMESPACE = "vllm-example"
RULES = json.dumps({"rules": [{
    "seriesQuery": 'vllm:num_requests_running{namespace!="",pod!=""}',
    "resources": {"overrides": {"namespace": {"resource": "namespace"},
                                "pod": {"resource": "pod"}}},
    "name": {"as": "running"},
    "metricsQuery":
        "sum(<<.Series>>{<<.LabelMatchers>>}) by (<<.GroupBy>>)"}]})


class Explain(unittest.TestCase):

    @classmethod
    def setUpClass(cls):
        cls.folder = pathlib.Path(
            cls.enterClassContext(tempfile.TemporaryDirectory()))
        cls.rules = cls.folder / "rules.yaml"
        cls.rules.write_text(RULES)
        cls.backend = Prometheus(cls.folder, history(EXAMPLE / "series.prom"))
        cls.addClassCleanup(cls.backend.stop)

    def explain(self, *arguments):
        return subprocess.run(
            [paths.PROGRAM, "explain", *map(str, arguments)], timeout=60,
            capture_output=True, text=True, check=False)

    def live(self, *arguments):
        return self.explain("--config", self.rules, "--prometheus-url",
                            self.backend.url, *arguments)

    def test_live_shows_the_way_to_the_value(self):
        done = self.live("pods/*", "running", "-n", NAMESPACE)
        self.assertEqual((done.returncode, done.stderr), (0, ""), done.stdout)
        self.assertIn("by (pod)", done.stdout)
        self.assertIn("served", done.stdout)
        self.assertNotIn("\033", done.stdout)

    def test_live_says_which_name_was_meant(self):
        done = self.live("pods/*", "runing", "-n", NAMESPACE)
        self.assertEqual(done.returncode, 1)
        self.assertIn("Did you mean running?", done.stdout)

    def test_offline_needs_no_backend(self):
        done = self.explain("--config", self.rules, "--offline", "--series",
                            "vllm:num_requests_running", "pods/web-0",
                            "running", "-n", "shop")
        self.assertEqual(done.returncode, 0, done.stderr)
        self.assertIn('sum(vllm:num_requests_running{namespace="shop",'
                      'pod="web-0"}) by (pod)', done.stdout)

    def test_a_server_gives_the_same_document_by_both_ways(self):
        server = Sextant(self.folder, self.rules, self.backend.url)
        self.addCleanup(server.stop)
        server.wait_until_ready()
        path = ("/apis/custom.metrics.k8s.io/v1beta2/namespaces/"
                f"{NAMESPACE}/pods/*/running")
        done = self.explain("--server", f"https://{server.address}",
                            "--ca-file", server.certificate, path,
                            "--output=json")
        self.assertEqual(done.returncode, 0, done.stderr)
        document = json.loads(done.stdout)
        self.assertEqual(document["cause"], "value")
        # Its certificate is its own; who does not mind may say so.
        strict = self.explain("--server", f"https://{server.address}", path)
        self.assertEqual(strict.returncode, 1)
        self.assertIn("certificate", strict.stderr)
        trusting = self.explain("--server", f"https://{server.address}",
                                "--insecure-skip-tls-verify", path)
        self.assertEqual(trusting.returncode, 0, trusting.stderr)
        client = server.http1()
        self.addCleanup(client.close)
        answer = client.get("/debug/explain?path=" +
                            urllib.parse.quote(path, safe=""))
        self.assertEqual(answer.status, 200)
        direct = json.loads(answer.body)
        self.assertEqual(direct["rules"], document["rules"])
        self.assertEqual([q["query"] for q in direct["queries"]],
                         [q["query"] for q in document["queries"]])


if __name__ == "__main__":
    unittest.main()
