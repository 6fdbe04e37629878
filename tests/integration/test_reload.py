"""Files that change while the program runs, and signals."""

import os
import pathlib
import signal
import tempfile
import threading
import unittest

from support import paths
from support.backends import Prometheus, VictoriaMetrics, history
from support.process import wait_until
from support.program import Sextant

EXAMPLE = paths.EXAMPLES / "vllm-gpu"
PODS = "/apis/custom.metrics.k8s.io/v1beta1/namespaces/vllm-example/pods"
RULE = """- seriesQuery: 'vllm:num_requests_running{namespace!="",pod!=""}'
  resources: {overrides: {namespace: {resource: namespace}, pod: {resource: pod}}}
  name: {as: %s}
  metricsQuery: sum(<<.Series>>{<<.LabelMatchers>>}) by (<<.GroupBy>>)
"""


def rules(*names):
    return "rules:\n" + "".join(RULE % name for name in names)


class ConfigMap:
    """A folder as the kubelet mounts a ConfigMap: the file is a link into
    ..data, a link that is replaced as a whole."""

    def __init__(self, folder, text):
        self._folder = folder
        self._turn = 0
        folder.mkdir()
        self.swap(text)
        self.file = folder / "config.yaml"
        self.file.symlink_to("..data/config.yaml")

    def swap(self, text):
        self._turn += 1
        version = self._folder / f"..version{self._turn}"
        version.mkdir()
        (version / "config.yaml").write_text(text)
        new = self._folder / "..data_tmp"
        new.symlink_to(version.name)
        os.replace(new, self._folder / "..data")


class ReloadTest(unittest.TestCase):
    maxDiff = None

    def setUp(self):
        self.folder = pathlib.Path(
            self.enterContext(tempfile.TemporaryDirectory()))
        self.use(Prometheus)

    def use(self, backend_class):
        self.backend = backend_class(self.folder,
                                     history(EXAMPLE / "series.prom"))
        self.addCleanup(self.backend.stop)

    def start(self, config, extra=()):
        program = Sextant(self.folder, config, self.backend.url,
                          EXAMPLE / "objects.json", extra=extra)
        self.addCleanup(program.stop)
        program.wait_until_ready()
        self.client = program.http1()
        self.addCleanup(self.client.close)
        return program

    def status(self, metric):
        return self.client.get(
            f"{PODS}/%2A/{metric}?labelSelector=app%3Dgemma-server").status

    def check_a_change(self, program, change):
        """`change(text)` puts another configuration in place."""
        self.assertEqual(self.status("first"), 200)
        self.assertEqual(self.status("second"), 404)
        change(rules("second"))
        program.wait_until("the new rule is served",
                           lambda: self.status("second") == 200)
        self.assertEqual(self.status("first"), 404)

        # A mistake changes nothing, and is told with its place.
        start = program.log_size()
        change(rules("third") + "  metricQuery: x\n")
        program.wait_until("the mistake is told",
                           lambda: "metricQuery" in program.log(start))
        self.assertEqual(self.status("second"), 200)
        self.assertEqual(self.status("third"), 404)
        ready = self.client.get("/readyz?verbose")
        self.assertEqual(ready.status, 200)
        self.assertRegex(
            ready.body,
            r"\[-\]config kept, the file cannot be used: .*:6:3: rules\[0\]"
            r'\.metricQuery: a rule has no key "metricQuery"')
        self.assertIn('sextant_file_reload_failed{kind="config"} 1\n',
                      self.client.get("/metrics").body)

        change(rules("third"))
        program.wait_until("the mended file is served",
                           lambda: self.status("third") == 200)
        self.assertNotIn("config kept",
                         self.client.get("/readyz?verbose").body)
        metrics = self.client.get("/metrics").body
        self.assertIn('sextant_file_reload_failed{kind="config"} 0\n', metrics)
        self.assertIn('sextant_file_reload_errors_total{kind="config"} 1\n',
                      metrics)

    def test_a_config_map_that_is_swapped(self):
        mount = ConfigMap(self.folder / "mount", rules("first"))
        self.check_a_change(self.start(mount.file), mount.swap)

    def test_a_file_that_is_renamed_into_place_in_front_of_victoria_metrics(self):
        self.use(VictoriaMetrics)
        config = self.folder / "config.yaml"
        config.write_text(rules("first"))

        def change(text):
            new = self.folder / "config.new"
            new.write_text(text)
            new.rename(config)
        self.check_a_change(self.start(config), change)

    def test_a_file_that_goes_away_or_becomes_empty_changes_nothing(self):
        config = self.folder / "config.yaml"
        config.write_text(rules("first"))
        program = self.start(config)
        for what, change in [("empty", lambda: config.write_text("")),
                             ("config.yaml", config.unlink)]:
            with self.subTest(what):
                start = program.log_size()
                change()
                os.kill(program.pid, signal.SIGHUP)
                program.wait_until("it is told",
                                   lambda: what in program.log(start))
                self.assertEqual(self.status("first"), 200)

    def test_another_section_begins_to_be_served(self):
        config = self.folder / "config.yaml"
        config.write_text(rules("first"))
        program = self.start(config)
        external = "/apis/external.metrics.k8s.io/v1beta1"
        self.assertEqual(self.client.get(external).status, 404)
        config.write_text(rules("first") + "externalRules:\n" + RULE % "out")
        program.wait_until("the group is served",
                           lambda: self.client.get(external).status == 200)
        ask = external + "/namespaces/vllm-example/out"
        program.wait_until("its metric is served",
                           lambda: self.client.get(ask).status == 200)

    def test_a_token_that_changes_goes_along(self):
        token = self.folder / "token"
        token.write_text("first\n")
        config = self.folder / "config.yaml"
        config.write_text(rules("first"))
        program = self.start(config, ["--prometheus-token-file", token])
        start = program.log_size()
        token.write_text("second\n")
        program.wait_until(
            "it is taken over", lambda: "credentials of the backend taken over"
            in program.log(start))
        self.assertEqual(self.status("first"), 200)
        self.assertNotIn("second", program.log())

    def test_no_request_fails_for_who_follows_readiness(self):
        config = self.folder / "config.yaml"
        config.write_text(rules("first"))
        program = self.start(config, ["--shutdown-delay-duration=1s"])
        failures, answers = [], []

        def ask_until_not_ready():
            client = program.http1()
            try:
                while client.get("/readyz").status == 200:
                    reply = client.get(
                        f"{PODS}/%2A/first?labelSelector=app%3Dgemma-server")
                    (answers if reply.status == 200 else failures).append(reply)
            except OSError as failure:
                failures.append(failure)
            finally:
                client.close()

        asking = threading.Thread(target=ask_until_not_ready)
        asking.start()
        wait_until("there are answers", lambda: len(answers) > 10)
        program.terminate()
        asking.join(20)
        self.assertFalse(asking.is_alive())
        self.assertEqual(failures, [])
        # Still there: the delay is for those who look less often.
        self.assertEqual(self.client.get("/livez").status, 200)
        self.client.close()
        self.assertEqual(program.wait(), 0)
