"""The servers that are measured: Prometheus with its series, and sextant."""

import re
import time

import series  # also finds `support`
from support import paths
from support.backends import Prometheus
from support.https import Http1Client, make_certificate
from support.process import Process

_SERVING = re.compile(r'serving\b.*\baddress="?([^\s"]+)')


class Server(Process):
    """A server of the metrics APIs, and how fast it came up.

    Milliseconds from its start: `listening` until it could be connected to,
    `ready` until /readyz answered 200.
    """

    def __init__(self, name, command, folder, certificate, address=None,
                 headers=None):
        self.certificate = certificate
        self.headers = headers or {}
        log = folder / f"{name}.log"
        log.unlink(missing_ok=True)
        begin = time.monotonic()
        super().__init__(name, command, log)
        self.address = address
        while not self._listens():
            if self.ended() or time.monotonic() > begin + 30:
                raise AssertionError(f"{name} does not listen\n{self.tail()}")
            time.sleep(0.001)
        self.listening = (time.monotonic() - begin) * 1000
        client = self.client()
        while client.get("/readyz").status != 200:
            if self.ended() or time.monotonic() > begin + 300:
                raise AssertionError(f"{name} is not ready\n{self.tail()}")
            time.sleep(0.002)
        self.ready = (time.monotonic() - begin) * 1000
        client.close()

    @property
    def url(self):
        return f"https://{self.address}"

    def header_lines(self):
        return [f"{name}: {value}" for name, value in self.headers.items()]

    def client(self):
        return _Client(self.address, self.certificate, self.headers)

    def _listens(self):
        if self.address is None:
            serving = _SERVING.search(self.log())
            if not serving:
                return False
            self.address = serving.group(1)
        client = self.client()
        try:
            client.peer_certificate()
        except OSError:
            return False
        finally:
            client.close()
        return True


class _Client(Http1Client):
    def __init__(self, address, certificate, headers):
        super().__init__(address, certificate, seconds=120)
        self._own = {"Accept": "*/*", **headers}

    def get(self, path, headers=None):
        return super().get(path, headers or self._own)


def start_prometheus(folder, names=0, pods=0, values_for=0):
    folder.mkdir()
    if names:
        series.fill(folder, names, pods, values_for)
    return Prometheus(folder)


def start_sextant(folder, rules, backend_url, verbosity=0):
    certificate, key = folder / "tls.crt", folder / "tls.key"
    objects = folder / "objects.json"
    if not certificate.exists():
        make_certificate(certificate, key)
        series.write_objects(objects)
    return Server("sextant", [
        paths.PROGRAM, "serve", "--standalone", "--config", rules,
        "--prometheus-url", backend_url, "--bind-address", "127.0.0.1",
        "--secure-port", "0", "--metrics-relist-interval", "1h",
        "--standalone-objects", objects, "--tls-cert-file", certificate,
        "--tls-private-key-file", key, f"--v={verbosity}"], folder, certificate)


def queries_of(folder, backend_url, request_paths):
    """The PromQL that each request becomes."""
    program = start_sextant(folder, series.VALUE_RULES, backend_url, 4)
    try:
        client = program.client()
        queries = []
        for path in request_paths:
            start = program.log_size()
            reply = client.get(path)
            if reply.status != 200 or '"value"' not in reply.body:
                raise AssertionError(f"{path}: {reply}")
            log = program.log(start)
            found = re.search(r' query .*?promql="((?:[^"\\]|\\.)*)"', log)
            queries.append(re.sub(r"\\(.)", r"\1", found.group(1)))
        client.close()
        return queries
    finally:
        program.stop()
