"""Asking the program, over HTTP/1.1 and over HTTP/2, and its certificates."""

import dataclasses
import gzip
import http.client
import re
import ssl
import subprocess

# What the HPA controller's requests carry when the aggregator hands them on.
HPA_HEADERS = {
    "Accept": "application/vnd.kubernetes.protobuf, */*",
    "Accept-Encoding": "gzip",
    "User-Agent": "kube-controller-manager/v1.37.2 (linux/amd64) "
                  "kubernetes/$Format/system:serviceaccount:kube-system:"
                  "horizontal-pod-autoscaler",
    "X-Forwarded-For": "127.0.0.1",
    "X-Forwarded-Proto": "https",
}

_TIMESTAMP = re.compile(r'"timestamp":"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ"')


@dataclasses.dataclass(frozen=True)
class Reply:
    status: int
    content_type: str
    body: str

    def document(self):
        """The body byte for byte, but well-formed timestamps are T."""
        return _TIMESTAMP.sub('"timestamp":"T"', self.body)


class Http1Client:
    """One HTTP/1.1 connection over TLS that trusts one certificate."""

    def __init__(self, address, certificate, seconds=20):
        self._context = ssl.create_default_context(cafile=str(certificate))
        self._context.set_alpn_protocols(["http/1.1"])
        host, port = address.rsplit(":", 1)
        self._connection = http.client.HTTPSConnection(
            host, int(port), context=self._context, timeout=seconds)

    def show(self, certificate, key):
        """From the next connection on it has this client certificate."""
        self._context.load_cert_chain(certificate, key)

    def get(self, path, headers=None):
        self._connection.putrequest("GET", path, skip_accept_encoding=True)
        for name, value in (headers or HPA_HEADERS).items():
            self._connection.putheader(name, value)
        self._connection.endheaders()
        reply = self._connection.getresponse()
        body = reply.read()
        if reply.getheader("Content-Encoding") == "gzip":
            body = gzip.decompress(body)
        return Reply(reply.status, reply.getheader("Content-Type", ""),
                     body.decode())

    def peer_certificate(self):
        """The server's certificate (DER) on a connection opened now."""
        self.close()
        self._connection.connect()
        return self._connection.sock.getpeercert(binary_form=True)

    def peer_names(self):
        """Whom the server's certificate is for: (kind, name) each."""
        return self._connection.sock.getpeercert()["subjectAltName"]

    def close(self):
        self._connection.close()


class Http2Client:
    """Asks by curl, which must get HTTP/2."""

    def __init__(self, address, certificate):
        self._address = address
        self._certificate = certificate

    def get(self, path, headers=None):
        command = ["curl", "--http2", "-sS", "-g", "--path-as-is",
                   "--max-time", "20", "--cacert", str(self._certificate),
                   "-w", "\n%{http_version} %{http_code} %{content_type}"]
        for name, value in (headers or HPA_HEADERS).items():
            command += ["-H", f"{name}: {value}"]
        done = subprocess.run(command + [f"https://{self._address}{path}"],
                              capture_output=True, text=True, check=False)
        if done.returncode != 0:
            raise AssertionError(f"{done.stderr} GET {path}")
        body, last = done.stdout.rsplit("\n", 1)
        version, status, content_type = last.split(" ", 2)
        if version != "2":
            raise AssertionError(f"HTTP/{version} instead of 2")
        return Reply(int(status), content_type, body)

    def close(self):
        """There is nothing to close."""


def make_certificate(certificate, key, days=7,
                     names="IP:127.0.0.1,DNS:localhost"):
    """Writes a new self-signed certificate and its key, as a rule for 127.0.0.1."""
    subprocess.run(
        ["openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt",
         "ec_paramgen_curve:prime256v1", "-nodes", "-days", str(days),
         "-subj", "/CN=sextant", "-addext",
         f"subjectAltName={names}",
         "-keyout", str(key), "-out", str(certificate)],
        check=True, capture_output=True)
