"""The program's life: start, certificates, backends that fail, the end."""

import pathlib
import re
import socket
import ssl
import statistics
import tempfile
import time
import unittest

from support import figures, paths
from support.backends import Prometheus, history
from support.https import Reply, make_certificate
from support.process import Process
from support.program import Sextant

EXAMPLE = paths.EXAMPLES / "vllm-gpu"
METRIC = ("/apis/custom.metrics.k8s.io/v1beta1/namespaces/vllm-example/pods/%2A"
          "/vllm_num_requests_running")
ASK = METRIC + "?labelSelector=app%3Dgemma-server"
DISCOVERY = "/apis/custom.metrics.k8s.io/v1beta1"
DISCOVERY_2 = "/apis/custom.metrics.k8s.io/v1beta2"
# A port that nothing listens on.
NOWHERE = "http://127.0.0.1:9"

NO_VALUES = Reply(500, "application/json", (
    '{"kind":"Status","apiVersion":"v1","metadata":{},"status":"Failure",'
    '"message":"Internal error occurred: unable to fetch metrics",'
    '"reason":"InternalError","details":{"causes":[{"message":'
    '"unable to fetch metrics"}]},"code":500}\n'))


class LifeTest(unittest.TestCase):
    maxDiff = None

    def setUp(self):
        self.folder = pathlib.Path(
            self.enterContext(tempfile.TemporaryDirectory()))

    def start_backend(self):
        backend = Prometheus(self.folder, history(EXAMPLE / "series.prom"))
        self.addCleanup(backend.stop)
        return backend

    def start_program(self, backend_url=NOWHERE, **options):
        options.setdefault("objects", EXAMPLE / "objects.json")
        program = Sextant(self.folder, EXAMPLE / "rules.yaml", backend_url,
                          **options)
        self.addCleanup(program.stop)
        return program

    def client(self, program, **options):
        client = program.http1(**options)
        self.addCleanup(client.close)
        return client

    def run_to_its_end(self, *arguments):
        """Exit code and output of a program that should not start."""
        program = Process("sextant", [paths.PROGRAM, "serve", *arguments],
                          self.folder / "refused.log")
        return program.wait(), program.log()


class BackendTest(LifeTest):
    def test_a_stopped_backend_is_500_until_it_is_back(self):
        backend = self.start_backend()
        program = self.start_program(backend.url)
        program.wait_until_ready()
        client = self.client(program)
        answer, listing = client.get(ASK), client.get(DISCOVERY)
        self.assertEqual((answer.status, listing.status), (200, 200))

        backend.stop()
        self.assertEqual(client.get(ASK), NO_VALUES)
        self.assertEqual(client.get(DISCOVERY), listing)
        self.assertEqual(client.get("/readyz").status, 200)

        backend.start()
        self.assertEqual(client.get(ASK).document(), answer.document())

    def test_without_a_backend_it_starts_and_lists_nothing(self):
        program = self.start_program()
        program.wait_until_ready()
        self.assertEqual(self.client(program).get(DISCOVERY), Reply(
            200, "application/json",
            '{"kind":"APIResourceList","apiVersion":"v1","groupVersion":'
            '"custom.metrics.k8s.io/v1beta1","resources":[]}\n'))

    def test_discovery_does_not_wait_for_a_backend_that_hangs(self):
        with socket.create_server(("127.0.0.1", 0)) as silent:
            program = self.start_program(
                f"http://127.0.0.1:{silent.getsockname()[1]}")
            client = self.client(program, seconds=2)
            self.assertEqual(client.get("/livez").status, 200)
            times = []
            for _ in range(100):
                begun = time.monotonic()
                self.assertEqual(client.get(DISCOVERY_2).status, 200)
                times.append(time.monotonic() - begun)
            figures.note("discovery while the backend hangs, median of 100: "
                         f"{statistics.median(times) * 1000:.2f} ms")
            # The first round of discovery has not ended.
            self.assertEqual(client.get("/readyz").status, 500)

    def test_a_caller_may_be_less_patient_than_the_program(self):
        backend = self.start_backend()
        program = self.start_program(backend.url)
        program.wait_until_ready()
        backend.stop()
        with socket.create_server(("127.0.0.1", backend.port)):
            reply = self.client(program).get(ASK + "&timeout=300ms")
        self.assertEqual(reply.status, 504, reply.body)


class CertificateTest(LifeTest):
    def test_a_renewed_certificate_is_served_without_a_restart(self):
        program = self.start_program()
        client = self.client(program)
        first = client.peer_certificate()

        make_certificate(self.folder / "new.crt", self.folder / "new.key")
        (self.folder / "new.key").rename(program.key)
        (self.folder / "new.crt").rename(program.certificate)
        new = ssl.PEM_cert_to_DER_cert(program.certificate.read_text())
        self.assertNotEqual(new, first)

        def served():
            host, port = program.address.rsplit(":", 1)
            pem = ssl.get_server_certificate((host, int(port)), timeout=10)
            return ssl.PEM_cert_to_DER_cert(pem) == new
        program.wait_until("the new certificate is served", served)

        # Whoever trusts the new one can ask.
        self.assertEqual(self.client(program).get("/livez").status, 200)

    def test_without_files_it_signs_its_own_certificate(self):
        program = self.start_program(own_certificate=False)
        host, port = program.address.rsplit(":", 1)
        program.certificate.write_text(
            ssl.get_server_certificate((host, int(port)), timeout=10))
        # The client checks that it is for 127.0.0.1.
        self.assertEqual(self.client(program).get("/livez").status, 200)

    def test_its_own_certificate_is_for_the_address_it_listens_on(self):
        program = self.start_program(own_certificate=False,
                                     bind_address="127.0.0.2")
        host, port = program.address.rsplit(":", 1)
        self.assertEqual(host, "127.0.0.2")
        program.certificate.write_text(
            ssl.get_server_certificate((host, int(port)), timeout=10))
        client = self.client(program)
        self.assertEqual(client.get("/livez").status, 200)
        self.assertLessEqual(
            {("DNS", "localhost"), ("IP Address", "127.0.0.1"),
             ("IP Address", "0:0:0:0:0:0:0:1"), ("IP Address", "127.0.0.2")},
            set(client.peer_names()))


class StartAndEndTest(LifeTest):
    def test_sigterm_ends_it_with_0_while_a_client_is_connected(self):
        program = self.start_program()
        client = self.client(program)
        self.assertEqual(client.get("/livez").status, 200)
        program.terminate()
        self.assertEqual(program.wait(), 0, program.tail())

    def test_health_and_version(self):
        program = self.start_program()
        program.wait_until_ready()
        client = self.client(program)
        for path in ("/healthz", "/livez", "/readyz"):
            with self.subTest(path):
                reply = client.get(path)
                self.assertEqual((reply.status, reply.body), (200, "ok"))
        self.assertEqual(client.get("/version").status, 200)

    def test_a_bad_configuration_ends_it_with_the_place_of_each_mistake(self):
        rules = self.folder / "rules.yaml"
        rules.write_text("rules:\n"
                         "- seriesQuery: 'up'\n"
                         "  seriesQeury: 'up'\n"
                         "  resources: {template: <<.Resource>>}\n"
                         "  metricsQuery: sum(<<.Series>>{<<.LabelMatcher>>})\n"
                         "- seriesQuery: 'up'\n"
                         "  metricsQuery: [sum]\n")
        code, output = self.run_to_its_end(
            "--standalone", "--config", rules, "--prometheus-url", NOWHERE,
            "--bind-address", "127.0.0.1", "--secure-port", "0")
        self.assertEqual(code, 1, output)
        mistakes = [("3", "seriesQeury"), ("5", "LabelMatcher"),
                    ("7", "rules[1].metricsQuery")]
        for line, words in mistakes:
            with self.subTest(line):
                self.assertRegex(
                    output, f"{re.escape(str(rules))}:{line}:.*"
                            f"{re.escape(words)}")

    def test_a_missing_configuration_is_named(self):
        code, output = self.run_to_its_end(
            "--standalone", "--config", self.folder / "none.yaml",
            "--prometheus-url", NOWHERE, "--bind-address", "127.0.0.1")
        self.assertEqual(code, 1, output)
        self.assertIn(str(self.folder / "none.yaml"), output)

    def test_standalone_is_refused_on_an_address_that_others_reach(self):
        for address in ("0.0.0.0", "192.0.2.1", "::"):
            with self.subTest(address):
                code, output = self.run_to_its_end(
                    "--standalone", "--config", EXAMPLE / "rules.yaml",
                    "--prometheus-url", NOWHERE, "--bind-address", address,
                    "--secure-port", "0")
                self.assertEqual(code, 2, output)
                self.assertIn("--bind-address", output)
