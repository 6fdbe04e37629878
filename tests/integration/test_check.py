"""`sextant check` with a real Prometheus: what rules find right now."""

import json
import pathlib
import signal
import socket
import subprocess
import tempfile
import unittest

from support import paths
from support.backends import Prometheus, history
from support.process import Process

EXAMPLE = paths.EXAMPLES / "vllm-gpu"
QUERY = "sum(<<.Series>>{<<.LabelMatchers>>}) by (<<.GroupBy>>)"


def rule(series_query, **more):
    return {"seriesQuery": series_query, "metricsQuery": QUERY,
            "resources": {"template": "<<.Resource>>"}, **more}


class Check(unittest.TestCase):

    @classmethod
    def setUpClass(cls):
        cls.folder = pathlib.Path(
            cls.enterClassContext(tempfile.TemporaryDirectory()))
        cls.backend = Prometheus(cls.folder, history(EXAMPLE / "series.prom"))
        cls.addClassCleanup(cls.backend.stop)

    def write(self, *rules):
        path = self.folder / "rules.yaml"
        path.write_text(json.dumps({"rules": rules}))
        return path

    def check(self, *arguments):
        return subprocess.run(
            [paths.PROGRAM, "check", *map(str, arguments)], timeout=60,
            capture_output=True, text=True, check=False)

    def test_each_rule_says_what_it_finds(self):
        running = "vllm:num_requests_running"
        path = self.write(
            rule(running + '{pod!=""}'),
            rule('{__name__="' + running + '",pod!=""}', name={"as": "running"}),
            rule("vllm:no_such_series"),
            rule(running, resources={
                "overrides": {"kubernetes_pod": {"resource": "pod"}}}))
        done = self.check("--prometheus-url", self.backend.url,
                          "--output=json", path)
        self.assertEqual((done.returncode, done.stderr), (0, ""), done.stdout)
        rules = json.loads(done.stdout)["files"][0]["rules"]
        self.assertEqual([r["series"] for r in rules], [1, 1, 0, 0])
        self.assertEqual(rules[0]["metrics"]["pods"], 1)
        self.assertIn(
            "/apis/custom.metrics.k8s.io/v1beta2/namespaces/NAMESPACE/pods/*/"
            "running", rules[1]["paths"])
        self.assertIn("no series matches", rules[2]["hint"])
        self.assertIn("the labels are", rules[3]["hint"])

    def test_a_later_rule_wins_and_strict_minds(self):
        path = self.write(rule('vllm:num_requests_running{pod!=""}'),
                          rule('vllm:num_requests_running{namespace!=""}'))
        arguments = ("--prometheus-url", self.backend.url, path)
        done = self.check(*arguments)
        self.assertEqual(done.returncode, 0, done.stdout)
        self.assertIn("are served by rules[1], which stands later", done.stdout)
        self.assertEqual(self.check("--strict", *arguments).returncode, 1)

    def test_ctrl_c_ends_it_although_the_backend_hangs(self):
        path = self.write(rule("vllm:num_requests_running"))
        with socket.create_server(("127.0.0.1", 0)) as silent:
            silent.settimeout(20)
            port = silent.getsockname()[1]
            log = self.folder / "check.log"
            check = Process("check", [
                paths.PROGRAM, "check", "--prometheus-url",
                f"http://127.0.0.1:{port}", path], log)
            connection, _ = silent.accept()
            with connection:
                connection.recv(1)
                check.signal(signal.SIGINT)
                self.assertEqual(check.wait(), 130)
        self.assertEqual(check.log(), "sextant check: broken off\n")


if __name__ == "__main__":
    unittest.main()
