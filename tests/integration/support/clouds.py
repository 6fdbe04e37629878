"""Stand-ins for the servers of a cloud, and what tests with them share."""

import http.server
import json
import pathlib
import tempfile
import threading
import time
import unittest

from . import paths
from .backends import Prometheus, history
from .program import Sextant

FORM = "application/x-www-form-urlencoded"
EXAMPLE = paths.EXAMPLES / "vllm-gpu"
ASK = ("/apis/custom.metrics.k8s.io/v1beta1/namespaces/vllm-example/pods/%2A"
       "/vllm_num_requests_running?labelSelector=app%3Dgemma-server")


class StandIn:
    """A server of a test on a free port, until closed: answer() answers."""

    def __init__(self):
        owner = self

        class Handler(http.server.BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"

            def do_GET(self):  # pylint: disable=invalid-name
                length = int(self.headers.get("Content-Length") or 0)
                status, body, *headers = owner.answer(
                    self, self.rfile.read(length))
                self.send_response(status)
                for name, value in headers:
                    self.send_header(name, value)
                self.send_header("Content-Length", str(len(body)))
                self.end_headers()
                try:
                    self.wfile.write(body)
                except ConnectionError:
                    """The client has had enough of it."""

            do_POST = do_PUT = do_GET

            def log_message(self, *_):
                """Quiet."""

        self._server = http.server.ThreadingHTTPServer(
            ("127.0.0.1", 0), Handler)
        self._server.daemon_threads = True
        self.url = f"http://127.0.0.1:{self._server.server_port}"
        self._thread = threading.Thread(target=self._server.serve_forever)
        self._thread.start()

    def answer(self, handler, body):
        """Status, body and headers, (name, value) each, of the answer."""
        raise NotImplementedError

    def close(self):
        self._server.shutdown()
        self._thread.join()
        self._server.server_close()


class TokenServer(StandIn):
    """Gives secret-token-1, -2, ... to whoever asks exactly as it is told.

    `wanted` gives method, path, headers and body for one that asks; `fault` is
    an answer in place of a token, and `delay` the seconds before any answer.
    """

    def __init__(self, wanted, lasts=3599):
        self._wanted = wanted
        self._lasts = lasts
        self.fault = None
        self.delay = 0
        self.asked = 0
        self.wrong = []
        self.given = []
        super().__init__()

    def answer(self, handler, body):
        self.asked += 1
        time.sleep(self.delay)
        if self.fault:
            return self.fault
        headers = {name: value for name, value in handler.headers.items()
                   if name.lower() not in ("host", "content-length")}
        sent = (handler.command, handler.path, headers, body.decode())
        if sent != self._wanted():
            self.wrong.append(sent)
            return 403, b"{}"
        self.given.append(f"secret-token-{len(self.given) + 1}")
        return 200, self.reply(self.given[-1])

    def reply(self, token):
        return json.dumps({"access_token": token, "expires_in": self._lasts,
                           "token_type": "Bearer"}).encode()


class CloudTestCase(unittest.TestCase):
    """The program, with the credentials of a cloud, and a real Prometheus."""

    def setUp(self):
        self.folder = pathlib.Path(
            self.enterContext(tempfile.TemporaryDirectory()))
        self.backend = Prometheus(self.folder, history(EXAMPLE / "series.prom"))
        self.addCleanup(self.backend.stop)

    def server(self, server):
        self.addCleanup(server.close)
        return server

    def start(self, url, environment, *extra):
        """A program that asks `url`, and a client of it."""
        # Each has a folder, and with it a log and a certificate, of its own.
        program = Sextant(
            self.enterContext(tempfile.TemporaryDirectory()),
            EXAMPLE / "rules.yaml", url, EXAMPLE / "objects.json",
            extra=extra, environment={"HOME": str(self.folder), **environment})
        self.addCleanup(program.stop)
        program.wait_until_ready()
        client = program.http1()
        self.addCleanup(client.close)
        return program, client

    def is_served(self, program, client):
        program.wait_until("there is a value",
                           lambda: '"value"' in client.get(ASK).body)

    def is_not_served(self, client, *secrets):
        """There is no value, and no secret in what is said instead."""
        body = client.get(ASK).body
        self.assertNotIn('"value"', body)
        for secret in secrets:
            self.assertNotIn(secret, body)

    def lies_are_named(self, server, faults, program, client, *secrets):
        """Each of `faults`, status, body, words of the log and headers, is what
        `server` gives for a time."""
        for status, body, words, *headers in faults:
            with self.subTest(words):
                start = program.log_size()
                server.fault = (status, body, *headers)
                self.is_not_served(client, *secrets)
                program.wait_until("the log says so", lambda:
                                   words in program.log(start))
        self.no_secret_in(program, client, *secrets)

    def no_secret_in(self, program, client, *secrets):
        """Neither in the log nor in what the program tells of itself."""
        shown = [program.log()] + [
            client.get(path).body
            for path in ("/metrics", "/readyz?verbose", "/debug/explain" + ASK)]
        for secret in secrets:
            for text in shown:
                self.assertNotIn(secret, text)
