"""The series and objects that are measured with.

Every pod has every metric of a data set, each with eight labels, as scraped
from kubelets and service monitors.  The values of the five rules stand beside
them, for 400 pods in ten namespaces, four applications of ten pods each.
"""

import json
import pathlib
import subprocess
import sys
import time

HERE = pathlib.Path(__file__).resolve().parent
sys.path.insert(0, str(HERE.parent / "integration"))

from support import paths  # noqa: E402  (found by the line above)

VALUE_RULES = HERE / "rules" / "values.yaml"
DEFAULT_RULES = HERE / "rules" / "default.yaml"

NAMESPACES = [f"team-{number:02d}" for number in range(10)]
APPLICATIONS = [f"shop-{number}" for number in range(4)]
METRICS = ["queue_depth", "busy_workers", "gpu_utilization", "open_sessions"]

# Seconds: values reach back so far, and are so far apart.
_VALUES_BEFORE, _VALUES_STEP = 300, 120

_KUBELET = ["cpu_usage", "memory_usage", "fs_reads", "fs_writes",
            "network_receive", "network_transmit", "blkio_device", "processes"]
_SERVICE = ["http_requests", "grpc_server_handled", "go_memstats_heap",
            "jvm_threads", "kafka_consumer_lag", "process_open_fds",
            "db_client_connections", "cache_lookups", "queue_messages",
            "nginx_connections"]
_UNITS = ["total", "bytes", "seconds_total", "current", "bytes_total"]


def metric_names(count):
    """A fifth of them kubelet's, most of the others counters."""
    names = []
    for number in range(count):
        of_kubelet = number % 5 == 0
        words = _KUBELET if of_kubelet else _SERVICE
        word = words[number % len(words)]
        unit = _UNITS[number // 2 % len(_UNITS)]
        names.append(f"container_{word}_{number}_{unit}" if of_kubelet
                     else f"{word}_{number}_{unit}")
    return names


def pod_name(namespace, application, number):
    return f"{application}-6d4cf56db6-{namespace[-2:]}{number:03d}"


def value_pods():
    """(namespace, application, pod) of the objects."""
    return [(namespace, application, pod_name(namespace, application, number))
            for namespace in NAMESPACES for application in APPLICATIONS
            for number in range(10)]


def _write_values(out, now, seconds):
    for place, (namespace, application, pod) in enumerate(value_pods()):
        labels = (f'namespace="{namespace}",pod="{pod}",container="app",'
                  f'job="{application}",instance="10.1.{place // 250}.'
                  f'{place % 250}:8080"')
        for metric in METRICS + ["jobs_waiting"]:
            for at in range(now - _VALUES_BEFORE, now + seconds, _VALUES_STEP):
                out.write(f"bench_{metric}{{{labels}}} {place % 17} {at}\n")


def _write_names(out, names, pods, now):
    for pod in range(pods):
        application = f"shop-{pod % 4}"
        common = (f'namespace="team-{pod // 40:03d}",'
                  f'pod="{application}-7f9c4d5b68-{pod:05d}",container="app",'
                  f'node="node-{pod // 100:03d}",'
                  f'instance="10.2.{pod // 250}.{pod % 250}:8080"')
        kubelet = common + (f',job="kubelet",id="/kubepods/pod{pod:05d}",'
                            f'image="registry.example/shop:{pod % 7}"')
        service = common + (f',job="{application}",service="{application}",'
                            'endpoint="http"')
        out.write("".join(
            f"{name}{{{kubelet if name.startswith('container_') else service}}}"
            f" {pod % 17} {now}\n" for name in names))


def fill(folder, names, pods, values_for=0):
    """Puts names * pods series into a data folder for Prometheus, and the
    values of the five rules for so many seconds from now."""
    folder = pathlib.Path(folder)
    text = folder / "series.txt"
    now = int(time.time())
    with text.open("w") as out:
        _write_names(out, metric_names(names), pods, now)
        if values_for:
            _write_values(out, now, int(values_for))
        out.write("# EOF\n")
    subprocess.run(
        [paths.PROMTOOL, "tsdb", "create-blocks-from", "openmetrics", text,
         folder / "prometheus-data"], check=True, capture_output=True)
    text.unlink()


def write_objects(path):
    """The pods as kubectl prints them, as far as names and labels go."""
    items = [{"apiVersion": "v1", "kind": "Pod",
              "metadata": {"namespace": namespace, "name": pod,
                           "labels": {"app": application}}}
             for namespace, application, pod in value_pods()]
    pathlib.Path(path).write_text(json.dumps(
        {"apiVersion": "v1", "kind": "List", "items": items}))


_CUSTOM = "/apis/custom.metrics.k8s.io/v1beta2/namespaces"
_EXTERNAL = "/apis/external.metrics.k8s.io/v1beta1/namespaces"


def pods_paths():
    """`pods/*` with a selector for ten pods: every question there is."""
    return [f"{_CUSTOM}/{namespace}/pods/%2A/{metric}?labelSelector="
            f"app%3D{application}"
            for metric in METRICS for application in APPLICATIONS
            for namespace in NAMESPACES]


def one_paths():
    return [f"{_CUSTOM}/{namespace}/pods/{pod}/{metric}"
            for metric in METRICS for namespace, _, pod in value_pods()]


def external_paths():
    """The first is about a namespace, the others about a pod each."""
    return [f"{_EXTERNAL}/{NAMESPACES[0]}/jobs_waiting"] + [
        f"{_EXTERNAL}/{namespace}/jobs_waiting?labelSelector=pod%3D{pod}"
        for namespace, _, pod in value_pods()]
