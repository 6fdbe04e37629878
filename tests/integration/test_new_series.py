"""A metric that appears later is served long before the next relist (1 h)."""

import http.server
import pathlib
import tempfile
import threading
import time
import unittest

from support import figures
from support.backends import Prometheus, VictoriaMetrics
from support.program import Sextant

RULES = """\
rules:
- seriesQuery: '{__name__=~"^late_.*$",namespace!="",pod!=""}'
  resources:
    overrides:
      namespace: {resource: namespace}
      pod: {resource: pod}
  metricsQuery: sum(<<.Series>>{<<.LabelMatchers>>}) by (<<.GroupBy>>)
"""
SERIES = 'late_requests{namespace="shop",pod="cart-0"}'
ASK = ("/apis/custom.metrics.k8s.io/v1beta1/namespaces/shop/pods/cart-0"
       "/late_requests")
MISSING = ('{"kind":"Status","apiVersion":"v1","metadata":{},"status":"Failure",'
           '"message":"the server could not find the metric late_requests for '
           'pods","reason":"NotFound","code":404}\n')
FOUND = ('{"kind":"MetricValueList","apiVersion":'
         '"custom.metrics.k8s.io/v1beta1","metadata":{},"items":['
         '{"describedObject":{"kind":"Pod","namespace":"shop","name":"cart-0",'
         '"apiVersion":"/v1"},"metricName":"late_requests","timestamp":"T",'
         '"value":"7","selector":null}]}\n')


class NewSeriesTest(unittest.TestCase):
    maxDiff = None

    def setUp(self):
        self.folder = pathlib.Path(
            self.enterContext(tempfile.TemporaryDirectory()))

    def ask_before_and_after(self, backend, appear):
        """`appear()` returns when the backend got the first sample."""
        rules = self.folder / "rules.yaml"
        rules.write_text(RULES)
        program = Sextant(self.folder, rules, backend.url)
        self.addCleanup(program.stop)
        program.wait_until_ready()
        client = program.http1()
        self.addCleanup(client.close)
        reply = client.get(ASK)
        self.assertEqual((reply.status, reply.document()), (404, MISSING))

        begun = appear()
        program.wait_until("the metric is served",
                           lambda: client.get(ASK).status == 200)
        figures.note(f"a new series of {backend.name}, from its first sample to "
                     f"200: {time.time() - begun:.2f} s")
        self.assertEqual(client.get(ASK).document(), FOUND)

    def test_imported_into_victoria_metrics(self):
        backend = VictoriaMetrics(self.folder)
        self.addCleanup(backend.stop)

        def appear():
            now = int(time.time())
            backend.add("".join(f"{SERIES} 7 {now + second}\n"
                                for second in range(-60, 300, 15)))
            return time.time()
        self.ask_before_and_after(backend, appear)

    def test_scraped_by_prometheus(self):
        exposition = []

        class Target(http.server.BaseHTTPRequestHandler):
            def do_GET(self):
                self.send_response(200)
                self.send_header("Content-Type", "text/plain; version=0.0.4")
                self.end_headers()
                self.wfile.write("".join(exposition).encode())

            def log_message(self, *_arguments):
                pass

        server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Target)
        thread = threading.Thread(target=server.serve_forever)
        thread.start()
        self.addCleanup(thread.join)
        self.addCleanup(server.server_close)
        self.addCleanup(server.shutdown)
        backend = Prometheus(
            self.folder, scrape=f"127.0.0.1:{server.server_port}")
        self.addCleanup(backend.stop)

        def appear():
            exposition.append(SERIES + " 7\n")
            backend.wait_for(SERIES)
            sample = backend.values(f"timestamp({SERIES})")[0]
            return float(sample["value"][1])
        self.ask_before_and_after(backend, appear)
