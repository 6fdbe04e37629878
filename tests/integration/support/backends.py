"""Real servers of time series, filled with the samples of an example."""

import http.client
import json
import pathlib
import socket
import subprocess
import time
import urllib.parse
import urllib.request

from . import paths
from .process import Process

# Far enough around now that no test runs out of samples.
_SPAN = 600
_STEP = 15


def free_port():
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


def history(series_file):
    """The samples of an example around now, as OpenMetrics; gauges stand still."""
    now = int(time.time())
    return subprocess.run(
        [paths.EXPORTER, "history", series_file, "--start", str(now),
         "--from", str(now - _SPAN), "--to", str(now + _SPAN),
         "--step", str(_STEP), "--still", "1"],
        check=True, capture_output=True, text=True).stdout


def _points(value, growth):
    """Samples around now, as (Unix seconds, value): now it is `value`."""
    now = int(time.time())
    return [(now + shift, value + growth * shift)
            for shift in range(-_SPAN, _SPAN, _STEP)]


class Server:
    """A server on 127.0.0.1 that can be stopped and started again.

    It cannot pick a port by itself: it gets one that was free a moment ago, and
    another one if somebody was faster.
    """

    name = ""
    ready_path = ""

    def __init__(self, folder):
        self._folder = pathlib.Path(folder)
        self._process = None
        for attempt in range(3):
            self.port, self.second_port = free_port(), free_port()
            try:
                self.start()
                return
            except AssertionError as failure:
                taken = "address already in use" in str(failure)
                if not taken or attempt == 2:
                    raise

    @property
    def url(self):
        return f"http://127.0.0.1:{self.port}"

    @property
    def pid(self):
        return self._process.pid

    def ended(self):
        return self._process.ended()

    def command(self):
        raise NotImplementedError

    def start(self):
        self._process = Process(
            self.name, self.command(), self._folder / f"{self.name}.log")
        self._process.wait_until("it is ready", self._ready)

    def stop(self):
        self._process.stop()

    def _ready(self):
        try:
            with urllib.request.urlopen(self.url + self.ready_path, timeout=5):
                return True
        except (OSError, http.client.HTTPException):
            return False

    def values(self, promql):
        """The vector it answers to a query now."""
        query = urllib.parse.urlencode({"query": promql, "nocache": "1"})
        with urllib.request.urlopen(
                f"{self.url}/api/v1/query?{query}", timeout=10) as reply:
            return json.load(reply)["data"]["result"]

    def wait_for(self, promql):
        self._process.wait_until(
            f"{promql} has a value", lambda: self.values(promql))


class Prometheus(Server):
    """Prometheus; the samples, if any, are in its data folder before it starts.

    It scrapes the address `scrape`, if there is one, and what `scrape_configs`
    says, which is as in Prometheus' own file.  `external_labels` are what it says
    of itself to who reads from it.
    """

    name = "prometheus"
    ready_path = "/-/ready"

    def __init__(self, folder, samples=None, scrape=None, scrape_configs=(),
                 external_labels=None):
        self._data = pathlib.Path(folder) / "prometheus-data"
        self._config = pathlib.Path(folder) / "prometheus.yml"
        jobs = list(scrape_configs)
        if scrape:
            jobs.append({"job_name": "sample", "honor_labels": True,
                         "static_configs": [{"targets": [scrape]}]})
        self._config.write_text(json.dumps(
            {"global": {"scrape_interval": "1s",
                        "external_labels": external_labels or {}},
             "scrape_configs": jobs}))
        if samples:
            text = pathlib.Path(folder) / "history.txt"
            text.write_text(samples)
            subprocess.run(
                [paths.PROMTOOL, "tsdb", "create-blocks-from", "openmetrics",
                 text, self._data], check=True, capture_output=True)
        super().__init__(folder)

    @classmethod
    def with_series(cls, folder, series):
        """Holds `series`: (labels, value now, growth a second) each.

        Names may have any characters; only Prometheus 3 takes them.
        """
        lines = []
        for labels, value, growth in series:
            pairs = [json.dumps(labels["__name__"])] + [
                f"{json.dumps(label)}={json.dumps(text)}"
                for label, text in labels.items() if label != "__name__"]
            lines += [f"{{{','.join(pairs)}}} {number} {second}\n"
                      for second, number in _points(value, growth)]
        return cls(folder, "".join(lines) + "# EOF\n")

    def command(self):
        return [paths.PROMETHEUS, f"--config.file={self._config}",
                f"--storage.tsdb.path={self._data}",
                f"--web.listen-address=127.0.0.1:{self.port}"]


class VictoriaMetrics(Server):
    """VictoriaMetrics, single node; the samples are imported once it runs."""

    name = "victoria-metrics"
    ready_path = "/health"

    def __init__(self, folder, samples=None):
        self._data = pathlib.Path(folder) / "victoria-metrics-data"
        super().__init__(folder)
        if samples:
            self.add(samples)

    def command(self):
        return [paths.VICTORIA_METRICS, f"-storageDataPath={self._data}",
                f"-httpListenAddr=127.0.0.1:{self.port}"]

    @classmethod
    def with_series(cls, folder, series):
        """As Prometheus.with_series, on every version."""
        made = cls(folder)
        lines = []
        for labels, value, growth in series:
            points = _points(value, growth)
            lines.append(json.dumps({
                "metric": labels, "values": [number for _, number in points],
                "timestamps": [second * 1000 for second, _ in points]}))
        made._import("/api/v1/import", lines)
        return made

    def add(self, samples):
        """Takes OpenMetrics with timestamps in seconds and makes it readable."""
        # Its import wants Prometheus' text format: milliseconds.
        self._import("/api/v1/import/prometheus", [
            line + "000" for line in samples.splitlines()
            if line and not line.startswith("#")])

    def _import(self, path, lines):
        request = urllib.request.Request(
            self.url + path, data="\n".join(lines).encode())
        with urllib.request.urlopen(request, timeout=30):
            pass
        with urllib.request.urlopen(
                self.url + "/internal/force_flush", timeout=30):
            pass


class VmAuth(Server):
    """VictoriaMetrics' proxy: lets the bearer of a token do what `paths` say."""

    name = "vmauth"
    ready_path = "/health"

    def __init__(self, folder, backend, token, paths_let_through):
        self._config = pathlib.Path(folder) / "vmauth.json"
        # JSON is YAML.
        self._config.write_text(json.dumps({"users": [
            {"bearer_token": token, "url_map": [
                {"src_paths": paths_let_through, "url_prefix": backend.url}]}]}))
        super().__init__(folder)

    def command(self):
        return [paths.VMAUTH, f"-auth.config={self._config}",
                f"-httpListenAddr=127.0.0.1:{self.port}"]
