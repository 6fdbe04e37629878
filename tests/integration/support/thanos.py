"""A real Thanos: a querier in front of sidecars, each beside a Prometheus."""

import json

from . import paths
from .backends import Server

# They end at once.
_NO_GRACE = ["--http-grace-period=0s", "--grpc-grace-period=0s"]


class Sidecar(Server):
    """Hands a Prometheus' series to queriers; it has a name of its own."""

    ready_path = "/-/ready"

    def __init__(self, folder, name, prometheus):
        self.name = name
        self._prometheus = prometheus
        super().__init__(folder)

    @property
    def store(self):
        return f"127.0.0.1:{self.second_port}"

    def command(self):
        return [paths.THANOS, "sidecar", *_NO_GRACE,
                f"--prometheus.url={self._prometheus.url}",
                f"--tsdb.path={self._folder}",
                f"--http-address=127.0.0.1:{self.port}",
                f"--grpc-address={self.store}"]


class Querier(Server):
    """Asks stores, which it never forgets, and takes label `replica` for HA."""

    name = "querier"
    ready_path = "/-/ready"

    def __init__(self, folder, stores):
        self._stores = json.dumps({"endpoints": [
            {"address": store, "strict": True} for store in stores]})
        super().__init__(folder)

    def command(self):
        return [paths.THANOS, "query", *_NO_GRACE,
                "--query.replica-label=replica",
                f"--endpoint.sd-config={self._stores}",
                f"--http-address=127.0.0.1:{self.port}",
                f"--grpc-address=127.0.0.1:{self.second_port}"]
