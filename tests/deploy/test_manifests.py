"""The manifests: what kubectl makes of them, by itself and at work.

What is rendered is read as data, its container's arguments and rules start the
real program, and with the rights that it gives, and no others, the program does
its work in a real cluster.
"""

import copy
import functools
import json
import os
import pathlib
import re
import subprocess
import tempfile
import unittest

import yaml

import cluster
from installed import start_as_deployed
from support import paths
from support.backends import Prometheus

MANIFESTS = paths.CHECKOUT / "deploy" / "manifests"
BASES = ["custom-metrics", "resource-metrics"]
OVERLAYS = ["overlays/victoria-metrics", "overlays/google-managed-prometheus",
            "overlays/openshift"]
COMPONENTS = ["components/external-metrics", "components/service-monitor",
              "components/kube-prometheus-network"]

RIGHTS = {"ServiceAccount", "ClusterRole", "ClusterRoleBinding", "RoleBinding"}

# What kube-prometheus' Deployment of prometheus-adapter has.
KUBE_PROMETHEUS_ARGS = [
    "--cert-dir=/var/run/serving-cert",
    "--config=/etc/adapter/config.yaml",
    "--metrics-relist-interval=1m",
    "--prometheus-url=http://prometheus-k8s.monitoring.svc:9090/",
    "--secure-port=6443",
    "--tls-cipher-suites=TLS_AES_128_GCM_SHA256,TLS_AES_256_GCM_SHA384,"
    "TLS_CHACHA20_POLY1305_SHA256,TLS_ECDHE_ECDSA_WITH_AES_128_GCM_SHA256,"
    "TLS_ECDHE_ECDSA_WITH_AES_256_GCM_SHA384,TLS_ECDHE_RSA_WITH_AES_128_GCM_SHA256,"
    "TLS_ECDHE_RSA_WITH_AES_256_GCM_SHA384,TLS_ECDHE_ECDSA_WITH_CHACHA20_POLY1305,"
    "TLS_ECDHE_RSA_WITH_CHACHA20_POLY1305,TLS_RSA_WITH_AES_128_GCM_SHA256,"
    "TLS_RSA_WITH_AES_256_GCM_SHA384,TLS_RSA_WITH_AES_128_CBC_SHA",
]
KUBE_PROMETHEUS = {
    "apiVersion": "apps/v1", "kind": "Deployment",
    "metadata": {"name": "prometheus-adapter", "namespace": "monitoring"},
    "spec": {"selector": {"matchLabels": {"app.kubernetes.io/name": "prometheus-adapter"}},
             "template": {
                 "metadata": {"labels": {"app.kubernetes.io/name": "prometheus-adapter"}},
                 "spec": {"containers": [{
                     "name": "prometheus-adapter", "args": KUBE_PROMETHEUS_ARGS,
                     "image": "registry.k8s.io/prometheus-adapter/prometheus-adapter:v0.12.0"}]}}}}


def rendered(folder):
    """Its objects, by kind and name."""
    documents = [d for d in yaml.safe_load_all(cluster.kustomize(folder)) if d]
    objects = {(d["kind"], d["metadata"]["name"]): d for d in documents}
    assert len(objects) == len(documents), f"{folder} has objects twice"
    return objects


def own_folder(folder, **kustomization):
    """A kustomization that a user would write; paths are below the manifests."""
    for key in ("resources", "components"):
        kustomization[key] = [
            entry if (folder / entry).exists()
            else os.path.relpath(MANIFESTS / entry, folder.resolve())
            for entry in kustomization.get(key, [])]
    (folder / "kustomization.yaml").write_text(json.dumps(kustomization))
    return rendered(folder)


@functools.cache
def renderings():
    """Name and objects of everything that this folder makes."""
    made = [(name, rendered(MANIFESTS / name)) for name in BASES + OVERLAYS]
    with tempfile.TemporaryDirectory() as folder:
        made.append(("custom-metrics with every component", own_folder(
            pathlib.Path(folder), resources=["custom-metrics"], components=COMPONENTS)))
    return made


def pods(objects):
    for (kind, _), document in objects.items():
        if kind == "Deployment":
            yield document["spec"]["template"]


def sextant_container(objects):
    spec = objects["Deployment", "sextant"]["spec"]["template"]["spec"]
    return spec["containers"][0]


def version():
    text = (paths.CHECKOUT / "CMakeLists.txt").read_text()
    return re.search(r"project\(sextant VERSION (\S+)", text).group(1)


def of_each(check):
    """A test of each rendering by itself."""
    @functools.wraps(check)
    def test(self):
        for name, objects in renderings():
            with self.subTest(name):
                check(self, copy.deepcopy(objects))
    return test


class Rendered(unittest.TestCase):
    """What is true of all of them."""

    @of_each
    def test_selectors_find_pods(self, objects):
        labels = [pod["metadata"]["labels"] for pod in pods(objects)]
        selectors = []
        for (kind, name), document in objects.items():
            spec = document.get("spec", {})
            if kind == "Service":
                selectors.append(spec["selector"])
            elif kind in ("Deployment", "PodDisruptionBudget"):
                selectors.append(spec["selector"]["matchLabels"])
            elif kind == "NetworkPolicy" and name != "sextant-to-prometheus":
                selectors.append(spec["podSelector"]["matchLabels"])
            elif kind == "NetworkPolicy":
                selectors += [source["podSelector"]["matchLabels"]
                              for rule in spec["ingress"] for source in rule["from"]]
        self.assertGreaterEqual(len(selectors), 4)
        for selector in selectors:
            self.assertTrue(
                any(selector.items() <= pod.items() for pod in labels), selector)

    def test_a_service_monitor_finds_the_service(self):
        objects = dict(renderings())["custom-metrics with every component"]
        found = 0
        for (kind, _), document in objects.items():
            if kind == "ServiceMonitor":
                service = objects["Service", "sextant"]
                self.assertLessEqual(
                    document["spec"]["selector"]["matchLabels"].items(),
                    service["metadata"]["labels"].items())
                self.assertIn(document["spec"]["endpoints"][0]["port"],
                              [port["name"] for port in service["spec"]["ports"]])
                found += 1
        self.assertEqual(found, 1)

    @of_each
    def test_accounts_and_roles_are_there(self, objects):
        # Those of Kubernetes and of OpenShift.
        given = {"system:auth-delegator", "extension-apiserver-authentication-reader",
                 "cluster-monitoring-view"}
        for pod in pods(objects):
            self.assertIn(("ServiceAccount", pod["spec"]["serviceAccountName"]), objects)
        for (kind, _), document in objects.items():
            if not kind.endswith("Binding"):
                continue
            role = document["roleRef"]
            self.assertTrue(role["name"] in given
                            or (role["kind"], role["name"]) in objects, role)
            for subject in document["subjects"]:
                if subject["namespace"] == "monitoring":
                    self.assertIn(("ServiceAccount", subject["name"]), objects)

    @of_each
    def test_api_services_lead_to_the_container(self, objects):
        services = [d for (kind, _), d in objects.items() if kind == "APIService"]
        self.assertTrue(services)
        for api in services:
            at = api["spec"]["service"]
            port = objects["Service", at["name"]]["spec"]["ports"][0]
            self.assertEqual((at["namespace"], at["port"]), ("monitoring", port["port"]))
            container = sextant_container(objects)
            named = {p["name"]: p["containerPort"] for p in container["ports"]}
            self.assertIn(f"--secure-port={named[port['targetPort']]}", container["args"])
            self.assertEqual(
                "insecureSkipTLSVerify" in api["spec"],
                "service.beta.openshift.io/inject-cabundle"
                not in api["metadata"].get("annotations", {}))

    @of_each
    def test_containers_may_do_nothing(self, objects):
        for pod in pods(objects):
            spec = pod["spec"]
            self.assertTrue(spec["securityContext"]["runAsNonRoot"])
            self.assertEqual(spec["securityContext"]["seccompProfile"],
                             {"type": "RuntimeDefault"})
            for container in spec["containers"]:
                self.assertEqual(
                    container["securityContext"],
                    {"allowPrivilegeEscalation": False, "readOnlyRootFilesystem": True,
                     "capabilities": {"drop": ["ALL"]}})

    def test_openshift_chooses_the_user(self):
        objects = rendered(MANIFESTS / "overlays" / "openshift")
        for pod in pods(objects):
            self.assertNotIn("runAsUser", pod["spec"]["securityContext"])

    @of_each
    def test_mounted_volumes_and_their_sources_are_there(self, objects):
        # Written by OpenShift's service CA operator.
        made = {"sextant-serving-cert"}
        for pod in pods(objects):
            volumes = {v["name"]: v for v in pod["spec"].get("volumes", [])}
            for container in pod["spec"]["containers"]:
                mounts = {m["name"] for m in container.get("volumeMounts", [])}
                self.assertEqual(mounts, set(volumes))
            for volume in volumes.values():
                if "configMap" in volume:
                    self.assertIn(("ConfigMap", volume["configMap"]["name"]), objects)
                else:
                    self.assertIn(volume["secret"]["secretName"], made)

    @of_each
    def test_the_image_is_of_this_version(self, objects):
        self.assertEqual(sextant_container(objects)["image"], f"sextant:{version()}")

    @of_each
    def test_everything_is_in_its_namespace(self, objects):
        cluster_wide = {"APIService", "ClusterRole", "ClusterRoleBinding"}
        for (kind, name), document in objects.items():
            wanted = ("kube-system" if kind == "RoleBinding" else
                      None if kind in cluster_wide else "monitoring")
            self.assertEqual(document["metadata"].get("namespace"), wanted, (kind, name))

    @of_each
    def test_check_has_no_complaint_about_the_rules(self, objects):
        done = subprocess.run(
            [paths.PROGRAM, "check", "--strict", "-"], text=True, capture_output=True,
            input=objects["ConfigMap", "sextant-config"]["data"]["config.yaml"],
            check=False)
        self.assertEqual(done.returncode, 0, done.stdout + done.stderr)

    @of_each
    def test_the_program_takes_the_arguments(self, objects):
        start_as_deployed(
            sextant_container(objects)["args"],
            objects["ConfigMap", "sextant-config"]["data"]["config.yaml"])

    def test_kube_prometheus_changes_the_image_and_nothing_else(self):
        with tempfile.TemporaryDirectory() as name:
            folder = pathlib.Path(name)
            (folder / "deployment.yaml").write_text(json.dumps(KUBE_PROMETHEUS))
            objects = own_folder(folder, resources=["deployment.yaml"],
                                 components=["components/image-only"])
        container = objects["Deployment", "prometheus-adapter"]["spec"]["template"]["spec"][
            "containers"][0]
        self.assertEqual(container["image"], f"sextant:{version()}")
        self.assertEqual(container["args"], KUBE_PROMETHEUS_ARGS)
        rules = rendered(MANIFESTS / "resource-metrics")["ConfigMap", "sextant-config"]
        start_as_deployed(container["args"], rules["data"]["config.yaml"])


OBJECTS = """
apiVersion: v1
kind: Namespace
metadata: {name: monitoring}
---
apiVersion: v1
kind: ServiceAccount
metadata: {name: default, namespace: default}
---
apiVersion: v1
kind: Pod
metadata: {name: web-0, namespace: default, labels: {app: web}}
spec: {containers: [{name: web, image: web}]}
---
apiVersion: v1
kind: ServiceAccount
metadata: {name: viewer, namespace: default}
"""

# The Prometheus Operator's kinds, with whatever fields.
OPERATOR = "\n---\n".join(f"""
apiVersion: apiextensions.k8s.io/v1
kind: CustomResourceDefinition
metadata: {{name: {plural}.monitoring.coreos.com}}
spec:
  group: monitoring.coreos.com
  scope: Namespaced
  names: {{kind: {kind}, plural: {plural}}}
  versions:
  - name: v1
    served: true
    storage: true
    schema: {{openAPIV3Schema: {{type: object, x-kubernetes-preserve-unknown-fields: true}}}}
""" for kind, plural in (("ServiceMonitor", "servicemonitors"),
                         ("PrometheusRule", "prometheusrules")))

SERIES = """
http_requests_total{namespace="default",pod="web-0"} 8
"""


class AtWork(unittest.TestCase):
    """As the ServiceAccount of the manifests, in a cluster with RBAC."""

    @classmethod
    def setUpClass(cls):
        cls.folder = pathlib.Path(cls.enterClassContext(tempfile.TemporaryDirectory()))
        cls.plane = cluster.ControlPlane(cls.folder)
        cls.addClassCleanup(cls.plane.stop)
        cls.plane.apply(OBJECTS)
        page = cluster.Page(SERIES)
        cls.addClassCleanup(page.stop)
        cls.prometheus = Prometheus(cls.folder, scrape_configs=[page.scrape_config()])
        cls.addClassCleanup(cls.prometheus.stop)
        cls.prometheus.wait_for("http_requests_total")

    def test_the_api_server_takes_components_and_dashboards(self):
        # Bases and overlays are tried in tests/e2e.
        self.plane.apply(OPERATOR)
        self.plane.kubectl("wait", "--for=condition=Established", "crd", "--all")
        every = renderings()[-1:] + [
            ("dashboards", rendered(paths.CHECKOUT / "deploy" / "dashboards"))]
        for name, objects in every:
            with self.subTest(name):
                said = self.plane.kubectl(
                    "apply", "--dry-run=server", "--validate=strict", "-f", "-",
                    text=yaml.safe_dump_all(objects.values()))
                self.assertEqual(said.count("(server dry run)"), len(objects), said)

    def start(self, base):
        """The program with what the base gives, and nothing more."""
        objects = rendered(MANIFESTS / base)
        self.plane.apply(yaml.safe_dump_all(
            [d for (kind, _), d in objects.items() if kind in RIGHTS]))
        self.addCleanup(
            self.plane.kubectl, "delete", "clusterrole,clusterrolebinding",
            "-l", "app.kubernetes.io/name=sextant")
        folder = pathlib.Path(self.enterContext(tempfile.TemporaryDirectory()))
        rules = folder / "config.yaml"
        rules.write_text(objects["ConfigMap", "sextant-config"]["data"]["config.yaml"])
        program = cluster.ClusterSextant(
            self.plane, folder, rules, self.prometheus.url,
            self.plane.kubeconfig("monitoring", "sextant"))
        self.addCleanup(program.stop)
        program.wait_until_ready()
        client = program.client("admin")
        self.addCleanup(client.close)
        return program, client

    def expect_watched(self, program, client, resources):
        """Nothing that it needs is refused."""
        def watched():
            states = re.findall(
                r'^sextant_kube_watches\{resource="([^"]+)",state="(\w+)"\} 1$',
                client.get("/metrics").body, re.MULTILINE)
            return set(states) == {(r, "watching") for r in resources}
        program.wait_until(f"it watches {resources}", watched)
        self.assertNotIn("forbidden", program.log())

    def test_custom_metrics(self):
        program, client = self.start("custom-metrics")
        custom = "/apis/custom.metrics.k8s.io/v1beta1/namespaces"
        for path in (f"{custom}/default/pods/%2A/http_requests_per_second",
                     f"{custom}/%2A/metrics/http_requests_per_second"):
            self.assertEqual(client.get(path).status, 200, path)
        self.expect_watched(program, client, {"namespaces", "pods"})

    def test_the_metrics_are_for_whom_the_manifests_name(self):
        program, _ = self.start("custom-metrics")
        path = "/apis/custom.metrics.k8s.io/v1beta1/namespaces/default/pods/%2A/http_requests_per_second"
        self.plane.apply("{apiVersion: v1, kind: ServiceAccount, "
                         "metadata: {name: horizontal-pod-autoscaler, namespace: kube-system}}")
        for namespace, account, status in (
                ("kube-system", "horizontal-pod-autoscaler", 200),
                ("default", "viewer", 403)):
            with self.subTest(account):
                client = program.client()
                self.addCleanup(client.close)
                token = self.plane.token(namespace, account).read_text().strip()
                reply = client.get(path, {"Authorization": f"Bearer {token}"})
                self.assertEqual(reply.status, status, reply.body)

    def test_resource_metrics(self):
        program, client = self.start("resource-metrics")
        for what in ("nodes", "namespaces/default/pods"):
            reply = client.get(f"/apis/metrics.k8s.io/v1beta1/{what}")
            self.assertEqual(reply.status, 200, reply.body)
        self.expect_watched(program, client, {"nodes", "pods"})
