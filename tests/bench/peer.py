"""prometheus-adapter itself, and a Kubernetes API that has what it asks for.

The API is ours: discovery of a few groups, the pods of the data set with 8 kB
each, and a review for every token.  It makes the peer's life easier than a real
one would.
"""

import http.server
import json
import ssl
import threading
import urllib.parse

import series
import world
from support.backends import free_port
from support.https import make_certificate

_TOKEN = "measuring"

# Group version: kind and plural of its resources; "*" marks cluster-scoped ones.
_RESOURCES = {
    "v1": "Pod/pods Service/services Node/nodes* Namespace/namespaces* "
          "ConfigMap/configmaps Secret/secrets Endpoints/endpoints "
          "PersistentVolumeClaim/persistentvolumeclaims "
          "PersistentVolume/persistentvolumes* ServiceAccount/serviceaccounts "
          "ReplicationController/replicationcontrollers",
    "apps/v1": "Deployment/deployments ReplicaSet/replicasets "
               "StatefulSet/statefulsets DaemonSet/daemonsets",
    "batch/v1": "Job/jobs CronJob/cronjobs",
    "networking.k8s.io/v1": "Ingress/ingresses NetworkPolicy/networkpolicies",
}

_PADDING = 7600  # what a pod's spec and status weigh beside its metadata


def _discovery():
    documents = {"/api": {"kind": "APIVersions", "versions": ["v1"]}}
    groups = []
    for group_version, resources in _RESOURCES.items():
        group, _, version = group_version.rpartition("/")
        if group:
            entry = {"groupVersion": group_version, "version": version}
            groups.append({"name": group, "versions": [entry],
                           "preferredVersion": entry})
        documents[("/apis/" if group else "/api/") + group_version] = {
            "kind": "APIResourceList", "groupVersion": group_version,
            "resources": [
                {"name": plural.rstrip("*"), "singularName": kind.lower(),
                 "namespaced": not plural.endswith("*"), "kind": kind,
                 "verbs": ["get", "list", "watch"]}
                for kind, plural in (r.split("/") for r in resources.split())]}
    documents["/apis"] = {"kind": "APIGroupList", "apiVersion": "v1",
                          "groups": groups}
    return {path: json.dumps(document).encode()
            for path, document in documents.items()}


def _pod(namespace, application, name):
    return {"apiVersion": "v1", "kind": "Pod",
            "metadata": {"namespace": namespace, "name": name,
                         "uid": name, "labels": {"app": application},
                         "annotations": {"padding": "x" * _PADDING}}}


class _Handler(http.server.BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    # Head and body in one write: two would wait for a delayed acknowledgement.
    wbufsize = -1
    disable_nagle_algorithm = True
    documents = _discovery()
    lists = {}  # by path and selector

    def do_GET(self):
        url = urllib.parse.urlsplit(self.path)
        query = urllib.parse.parse_qs(url.query)
        selector = query.get("labelSelector", [""])[0]
        body = self.lists.get((url.path, selector)) or self.documents.get(
            url.path)
        if body is None:
            body = json.dumps({"kind": "Status", "apiVersion": "v1",
                               "status": "Failure", "reason": "NotFound",
                               "code": 404}).encode()
            return self._reply(404, body)
        return self._reply(200, body)

    def do_POST(self):
        review = json.loads(
            self.rfile.read(int(self.headers["Content-Length"])))
        review["status"] = {"authenticated": True, "allowed": True, "user": {
            "username": "bench", "groups": ["system:masters"]}}
        self._reply(201, json.dumps(review).encode())

    def _reply(self, status, body):
        self.send_response(status)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_):
        """Nothing: there is a line for each request."""


class KubernetesApi:
    """Serves over TLS on a port of 127.0.0.1 until closed."""

    def __init__(self, folder):
        certificate, key = folder / "kube.crt", folder / "kube.key"
        make_certificate(certificate, key)
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.load_cert_chain(certificate, key)
        _Handler.lists = self._lists()
        self._server = http.server.ThreadingHTTPServer(
            ("127.0.0.1", 0), _Handler)
        self._server.socket = context.wrap_socket(
            self._server.socket, server_side=True)
        self._server.daemon_threads = True
        threading.Thread(target=self._server.serve_forever).start()
        self.kubeconfig = folder / "kubeconfig.json"
        port = self._server.server_address[1]
        self.kubeconfig.write_text(json.dumps({
            "apiVersion": "v1", "kind": "Config", "current-context": "bench",
            "contexts": [{"name": "bench", "context": {
                "cluster": "bench", "user": "bench"}}],
            "users": [{"name": "bench", "user": {"token": _TOKEN}}],
            "clusters": [{"name": "bench", "cluster": {
                "server": f"https://127.0.0.1:{port}",
                "certificate-authority": str(certificate)}}]}))

    def close(self):
        self._server.shutdown()
        self._server.server_close()

    @staticmethod
    def _lists():
        lists = {}
        for namespace in series.NAMESPACES:
            for application in series.APPLICATIONS:
                pods = [_pod(*pod) for pod in series.value_pods()
                        if pod[:2] == (namespace, application)]
                lists[f"/api/v1/namespaces/{namespace}/pods",
                      f"app={application}"] = json.dumps(
                          {"kind": "PodList", "apiVersion": "v1",
                           "metadata": {"resourceVersion": "1"},
                           "items": pods}).encode()
        return lists


def start_peer(binary, folder, rules, backend_url, api):
    certificate, key = folder / "peer.crt", folder / "peer.key"
    if not certificate.exists():
        make_certificate(certificate, key)
    port = free_port()
    return world.Server("prometheus-adapter", [
        binary, "--config", rules, "--prometheus-url", backend_url,
        "--bind-address", "127.0.0.1", "--secure-port", port,
        "--tls-cert-file", certificate, "--tls-private-key-file", key,
        "--lister-kubeconfig", api.kubeconfig,
        "--authentication-kubeconfig", api.kubeconfig,
        "--authorization-kubeconfig", api.kubeconfig,
        "--authentication-skip-lookup", "--client-qps", "100000",
        "--client-burst", "100000", "--metrics-relist-interval", "1h"],
        folder, certificate, f"127.0.0.1:{port}",
        {"Authorization": f"Bearer {_TOKEN}"})
