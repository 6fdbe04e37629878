"""The program under test."""

import os
import pathlib
import re

from . import paths
from .https import Http1Client, Http2Client, make_certificate
from .process import Process

SERVING = re.compile(r'serving\b.*\baddress="?([^\s"]+)')
_QUERY = re.compile(r' query .*?promql="((?:[^"\\]|\\.)*)"')


class Sextant(Process):
    """`sextant serve --standalone` on a free port of this machine."""

    def __init__(self, folder, rules, backend_url, objects=None,
                 own_certificate=True, bind_address="127.0.0.1", extra=(),
                 environment=None):
        folder = pathlib.Path(folder)
        self.certificate = folder / "tls.crt"
        self.key = folder / "tls.key"
        command = [paths.PROGRAM, "serve", "--standalone", "--config", rules,
                   "--prometheus-url", backend_url,
                   "--bind-address", bind_address, "--secure-port", "0",
                   "--metrics-relist-interval", "1h", "--v=4"]
        if own_certificate:
            make_certificate(self.certificate, self.key)
            command += ["--tls-cert-file", self.certificate,
                        "--tls-private-key-file", self.key]
        if objects:
            command += ["--standalone-objects", objects]
        super().__init__("sextant", command + list(extra),
                         folder / "sextant.log",
                         env=os.environ | (environment or {}))
        self.address = self.wait_until(
            "it listens", lambda: SERVING.search(self.log())).group(1)

    def http1(self, **options):
        return Http1Client(self.address, self.certificate, **options)

    def http2(self):
        return Http2Client(self.address, self.certificate)

    def wait_until_ready(self):
        client = self.http1()
        try:
            self.wait_until(
                "it is ready", lambda: client.get("/readyz").status == 200)
        finally:
            client.close()

    def queries(self, start):
        """The PromQL it sent, by its log from that byte on."""
        return [re.sub(r"\\(.)", r"\1", text)
                for text in _QUERY.findall(self.log(start))]
