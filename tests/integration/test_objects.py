"""Objects without a cluster: from files as kubectl prints them, or from labels."""

import json
import pathlib
import tempfile
import unittest

from support import paths
from support.backends import Prometheus, history
from support.program import Sextant

EXAMPLE = paths.EXAMPLES / "vllm-gpu"
METRIC = ("/apis/custom.metrics.k8s.io/v1beta1/namespaces/vllm-example/pods/%2A"
          "/vllm_num_requests_running")

# A kind that the program does not know: kubectl get --raw
# /apis/queues.example.com/v1alpha1
RESOURCES = {
    "kind": "APIResourceList", "apiVersion": "v1",
    "groupVersion": "queues.example.com/v1alpha1",
    "resources": [
        {"name": "messagequeues", "singularName": "messagequeue",
         "namespaced": True, "kind": "MessageQueue",
         "verbs": ["get", "list", "watch"], "shortNames": ["mq"]},
        {"name": "messagequeues/status", "singularName": "",
         "namespaced": True, "kind": "MessageQueue", "verbs": ["get"]}]}

# kubectl get messagequeues,pods -n shop -o yaml
OBJECTS = """\
apiVersion: v1
items:
- apiVersion: queues.example.com/v1alpha1
  kind: MessageQueue
  metadata:
    annotations:
      kubectl.kubernetes.io/last-applied-configuration: |
        {"apiVersion":"queues.example.com/v1alpha1","kind":"MessageQueue"}
    creationTimestamp: "2026-01-02T03:04:05Z"
    generation: 1
    labels:
      shard: "7"
      tier: gold
    name: orders
    namespace: shop
    resourceVersion: "5120"
    uid: 7b0e3f8e-2f0d-4f59-9d39-3a1d5e0c7a01
  spec:
    maxLength: 100000
- apiVersion: queues.example.com/v1alpha1
  kind: MessageQueue
  metadata:
    labels:
      tier: gold
    name: returns
    namespace: shop
- apiVersion: queues.example.com/v1alpha1
  kind: MessageQueue
  metadata:
    labels:
      tier: iron
    name: mails
    namespace: shop
- apiVersion: v1
  kind: Pod
  metadata:
    generateName: consumer-
    labels:
      app: consumer
    name: consumer-0
    namespace: shop
  spec:
    containers:
    - args: ["--queue", "orders"]
      name: consumer
  status:
    phase: Running
- apiVersion: v1
  kind: Pod
  metadata:
    labels:
      app: consumer
    name: consumer-1
    namespace: shop
- apiVersion: v1
  kind: Pod
  metadata:
    labels:
      app: gateway
    name: gateway-0
    namespace: shop
kind: List
metadata:
  resourceVersion: ""
"""

RULES = """\
rules:
- seriesQuery: '{__name__=~"^queue_.*$",namespace!="",queue!=""}'
  resources:
    overrides:
      namespace: {resource: namespace}
      queue: {group: queues.example.com, resource: messagequeue}
  metricsQuery: sum(<<.Series>>{<<.LabelMatchers>>}) by (<<.GroupBy>>)
- seriesQuery: 'busy_workers{namespace!="",pod!=""}'
  resources:
    overrides:
      namespace: {resource: namespace}
      pod: {resource: pod}
  metricsQuery: sum(<<.Series>>{<<.LabelMatchers>>}) by (<<.GroupBy>>)
"""

SERIES = """\
queue_depth{namespace="shop",queue="orders"} 1200
queue_depth{namespace="shop",queue="returns"} 5
queue_depth{namespace="shop",queue="mails"} 700
busy_workers{namespace="shop",pod="consumer-0"} 3
busy_workers{namespace="shop",pod="consumer-1"} 4
busy_workers{namespace="shop",pod="gateway-0"} 9
"""

SHOP = "/apis/custom.metrics.k8s.io/v1beta1/namespaces/shop"
QUEUES = SHOP + "/messagequeues.queues.example.com"
QUEUE = ("MessageQueue", "queues.example.com/v1alpha1")
POD = ("Pod", "/v1")

# A path, and kind, apiVersion, name and value of the items that it has.
CASES = [
    (QUEUES + "/orders/queue_depth", [(*QUEUE, "orders", "1200")]),
    (QUEUES + "/%2A/queue_depth?labelSelector=tier%3Dgold",
     [(*QUEUE, "orders", "1200"), (*QUEUE, "returns", "5")]),
    (QUEUES + "/%2A/queue_depth?labelSelector=shard%3D7",
     [(*QUEUE, "orders", "1200")]),
    (QUEUES + "/%2A/queue_depth?labelSelector=tier+notin+%28gold%29",
     [(*QUEUE, "mails", "700")]),
    (SHOP + "/messagequeues/mails/queue_depth", [(*QUEUE, "mails", "700")]),
    (SHOP + "/pods/consumer-1/busy_workers", [(*POD, "consumer-1", "4")]),
    (SHOP + "/pods/%2A/busy_workers?labelSelector=app%3Dconsumer",
     [(*POD, "consumer-0", "3"), (*POD, "consumer-1", "4")]),
]


class FilesTest(unittest.TestCase):
    maxDiff = None

    @classmethod
    def setUpClass(cls):
        folder = pathlib.Path(
            cls.enterClassContext(tempfile.TemporaryDirectory()))
        files = {"resources.json": json.dumps(RESOURCES),
                 "objects.yaml": OBJECTS, "rules.yaml": RULES,
                 "series.prom": SERIES}
        for name, text in files.items():
            (folder / name).write_text(text)
        backend = Prometheus(folder, history(folder / "series.prom"))
        cls.addClassCleanup(backend.stop)
        program = Sextant(
            folder, folder / "rules.yaml", backend.url,
            folder / "objects.yaml",
            extra=["--standalone-resources", folder / "resources.json"])
        cls.addClassCleanup(program.stop)
        program.wait_until_ready()
        cls.client = program.http1()
        cls.addClassCleanup(cls.client.close)

    def test_kinds_of_the_cluster_and_their_objects(self):
        for path, expected in CASES:
            with self.subTest(path):
                reply = self.client.get(path)
                self.assertEqual(reply.status, 200, reply)
                items = [(item["describedObject"]["kind"],
                          item["describedObject"]["apiVersion"],
                          item["describedObject"]["name"], item["value"])
                         for item in json.loads(reply.body)["items"]]
                self.assertEqual(items, expected)

    def test_discovery_names_the_group_of_the_kind(self):
        reply = self.client.get("/apis/custom.metrics.k8s.io/v1beta1")
        names = [resource["name"]
                 for resource in json.loads(reply.body)["resources"]]
        self.assertEqual(names, [
            "messagequeues.queues.example.com/queue_depth",
            "namespaces/busy_workers", "namespaces/queue_depth",
            "pods/busy_workers"])

    def test_an_object_that_is_not_there_is_404(self):
        reply = self.client.get(QUEUES + "/nothing/queue_depth")
        self.assertEqual(reply.status, 404, reply)


class LabelsTest(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        folder = cls.enterClassContext(tempfile.TemporaryDirectory())
        backend = Prometheus(folder, history(EXAMPLE / "series.prom"))
        cls.addClassCleanup(backend.stop)
        program = Sextant(folder, EXAMPLE / "rules.yaml", backend.url)
        cls.addClassCleanup(program.stop)
        program.wait_until_ready()
        cls.client = program.http1()
        cls.addClassCleanup(cls.client.close)

    def test_without_a_file_objects_come_from_label_values(self):
        reply = self.client.get(METRIC)
        self.assertEqual(
            (reply.status, reply.body.count('"kind":"Pod"')), (200, 2), reply)

    def test_without_a_file_a_label_selector_is_refused(self):
        reply = self.client.get(METRIC + "?labelSelector=app%3Dgemma-server")
        self.assertEqual(reply.status, 400)
        self.assertIn("--standalone-objects", reply.body)
