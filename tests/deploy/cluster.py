"""A real control plane, with the real sextant and a real Prometheus beside it.

etcd and kube-apiserver are those of tests/e2e, which builds them.  There are no
kubelets and no containers: Pods are entries, and sextant is a process here that
is, by its token, a ServiceAccount of the cluster.
"""

import http.server
import json
import os
import pathlib
import subprocess
import threading

from support import paths
from support.https import Http1Client
from support.process import Process
from support.program import SERVING

_PROGRAMS = pathlib.Path(
    os.environ.get("SEXTANT_KUBE_PROGRAMS", paths.CHECKOUT / "build" / "e2e"))
KUBE = _PROGRAMS / "kube"
KUBECTL = _PROGRAMS / "kubectl"


def kustomize(folder):
    """What `kubectl kustomize` makes of a folder, as text."""
    done = subprocess.run([KUBECTL, "kustomize", folder],
                          capture_output=True, text=True, check=False)
    if done.returncode != 0:
        raise AssertionError(f"kubectl kustomize {folder}: {done.stderr}")
    return done.stdout


class ControlPlane(Process):
    """etcd and kube-apiserver on 127.0.0.1, with RBAC."""

    def __init__(self, folder):
        self.folder = pathlib.Path(folder) / "cluster"
        self.folder.mkdir()
        super().__init__(
            "kube", [KUBE, "up", "--dir", self.folder, "--no-controller-manager"],
            pathlib.Path(folder) / "kube.log")
        self.wait_until("the API server is ready",
                        (self.folder / "ready.json").exists, 120)

    def kubectl(self, *arguments, text=None):
        """What it prints; as the administrator."""
        done = subprocess.run(
            [KUBECTL, *arguments], input=text, capture_output=True, text=True,
            check=False, env={"HOME": str(self.folder),
                              "KUBECONFIG": str(self.path("admin.kubeconfig"))})
        if done.returncode != 0:
            raise AssertionError(f"kubectl {arguments}: {done.stderr}")
        return done.stdout

    def apply(self, text):
        return self.kubectl("apply", "-f", "-", text=text)

    def path(self, name):
        return self.folder / name

    def token(self, namespace, account):
        """A file with a token of that ServiceAccount."""
        file = self.folder / f"{namespace}-{account}.token"
        file.write_text(self.kubectl("create", "token", account, "-n", namespace))
        return file

    def kubeconfig(self, namespace, account):
        """A kubeconfig that is that ServiceAccount's."""
        view = json.loads(self.kubectl(
            "config", "view", "--raw", "--flatten", "-o", "json"))
        view["users"][0]["user"] = {
            "tokenFile": str(self.token(namespace, account))}
        file = self.folder / f"{namespace}-{account}.kubeconfig"
        file.write_text(json.dumps(view))
        return file

    def serving_certificate(self, service, namespace):
        """Writes SERVICE.crt and SERVICE.key, as the aggregator wants them."""
        subprocess.run([KUBE, "serving-cert", "--dir", self.folder,
                        "--service", service, "--namespace", namespace],
                       check=True, capture_output=True)


class ClusterSextant(Process):
    """`sextant serve` in that cluster, as one of its ServiceAccounts."""

    def __init__(self, plane, folder, rules, backend_url, kubeconfig, extra=()):
        self._plane = plane
        plane.serving_certificate("sextant", "monitoring")
        super().__init__(
            "sextant",
            [paths.PROGRAM, "--config", rules, "--prometheus-url", backend_url,
             "--bind-address", "127.0.0.1", "--secure-port", "0",
             "--tls-cert-file", plane.path("sextant.crt"),
             "--tls-private-key-file", plane.path("sextant.key"),
             "--lister-kubeconfig", kubeconfig,
             "--authentication-kubeconfig", kubeconfig,
             "--authorization-kubeconfig", kubeconfig,
             "--shutdown-delay-duration", "0s", "--v=4", *extra],
            pathlib.Path(folder) / "sextant.log")
        self.address = self.wait_until(
            "it listens", lambda: SERVING.search(self.log())).group(1)

    def client(self, certificate=None):
        """Trusts it, and shows a certificate of the control plane, if named."""
        client = Http1Client(self.address, self._plane.path("serving-ca.crt"))
        if certificate:
            client.show(self._plane.path(f"{certificate}.crt"),
                        self._plane.path(f"{certificate}.key"))
        return client

    def wait_until_ready(self):
        client = self.client()
        try:
            self.wait_until(
                "it is ready", lambda: client.get("/readyz").status == 200)
        finally:
            client.close()


class Page(http.server.ThreadingHTTPServer):
    """A page of metrics for Prometheus to scrape."""

    def __init__(self, text):
        super().__init__(("127.0.0.1", 0), _PageHandler)
        self.text = text
        self._thread = threading.Thread(target=self.serve_forever)
        self._thread.start()

    def stop(self):
        self.shutdown()
        self._thread.join()
        self.server_close()

    def scrape_config(self):
        return {"job_name": "page", "honor_labels": True, "static_configs": [
            {"targets": [f"127.0.0.1:{self.server_port}"]}]}


class _PageHandler(http.server.BaseHTTPRequestHandler):
    def do_GET(self):
        self.send_response(200)
        self.send_header("Content-Type", "text/plain; version=0.0.4")
        self.end_headers()
        self.wfile.write(self.server.text.encode())

    def log_message(self, *_):
        """Says nothing."""
