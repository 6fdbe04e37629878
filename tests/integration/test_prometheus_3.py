"""What Prometheus 3 keeps or answers otherwise than 2, and rules that do not mind."""

import http.server
import json
import pathlib
import tempfile
import threading
import unittest

from support import versions
from support.backends import Prometheus
from support.program import Sextant

EXPOSITION = """\
# TYPE request_seconds histogram
request_seconds_bucket{namespace="shop",pod="web-0",le="0.5"} 2
request_seconds_bucket{namespace="shop",pod="web-0",le="1"} 3
request_seconds_bucket{namespace="shop",pod="web-0",le="+Inf"} 4
request_seconds_sum{namespace="shop",pod="web-0"} 3
request_seconds_count{namespace="shop",pod="web-0"} 4
"""


def bucket(name, le):
    return {
        "seriesQuery": 'request_seconds_bucket{pod!=""}', "name": {"as": name},
        "resources": {"overrides": {"namespace": {"resource": "namespace"}}},
        "metricsQuery":
            f"sum(<<.Series>>{{{le},<<.LabelMatchers>>}}) by (<<.GroupBy>>)"}


RULES = json.dumps({"externalRules": [
    bucket("of_2", 'le="1"'), bucket("of_3", 'le="1.0"'),
    bucket("of_both", 'le=~"1|1[.]0"')]})
EXTERNAL = "/apis/external.metrics.k8s.io/v1beta1/namespaces/shop/"


class Target(http.server.BaseHTTPRequestHandler):
    def do_GET(self):  # pylint: disable=invalid-name
        self.send_response(200)
        self.send_header("Content-Type", "text/plain; version=0.0.4")
        self.end_headers()
        self.wfile.write(EXPOSITION.encode())

    def log_message(self, *_arguments):
        pass


class BucketsTest(unittest.TestCase):
    def test_a_bucket_of_a_whole_number(self):
        folder = pathlib.Path(
            self.enterContext(tempfile.TemporaryDirectory()))
        server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Target)
        thread = threading.Thread(target=server.serve_forever)
        thread.start()
        self.addCleanup(thread.join)
        self.addCleanup(server.server_close)
        self.addCleanup(server.shutdown)
        backend = Prometheus(folder, scrape=f"127.0.0.1:{server.server_port}")
        self.addCleanup(backend.stop)
        backend.wait_for("request_seconds_bucket")

        rules = folder / "rules.json"
        rules.write_text(RULES)
        program = Sextant(folder, rules, backend.url)
        self.addCleanup(program.stop)
        program.wait_until_ready()
        client = program.http1()
        self.addCleanup(client.close)
        kept = versions.facts("prometheus").le_of_one
        for metric, values in (("of_2", ["3"] if kept == "1" else []),
                               ("of_3", ["3"] if kept == "1.0" else []),
                               ("of_both", ["3"])):
            with self.subTest(metric):
                reply = client.get(EXTERNAL + metric)
                self.assertEqual(reply.status, 200, reply)
                self.assertEqual(
                    [item["value"] for item in json.loads(reply.body)["items"]],
                    values)


if __name__ == "__main__":
    unittest.main()
