"""Clients that ask all day, and know what the right answer is."""

import collections
import http.client
import json
import random
import socket
import ssl
import threading
import time

import series
from support.https import Http1Client

# How long after a fault's end the service may still feel it.
GRACE = 1.0
# What the clients ask for, and how long an answer may take beyond it.
_PATIENCE = 2
_SLACK = 2.0

_DISCOVERY = ["/apis", "/apis/custom.metrics.k8s.io",
              "/apis/custom.metrics.k8s.io/v1beta1",
              "/apis/custom.metrics.k8s.io/v1beta2",
              "/apis/external.metrics.k8s.io/v1beta1"]
_WRONG = [("/nothing/here", {404}),
          ("/apis/custom.metrics.k8s.io/v1beta2/namespaces/team-00", {404}),
          ("/apis/custom.metrics.k8s.io/v1beta2/namespaces/team-00/pods/%2A/"
           "queue_depth?labelSelector=%3D%3D", {400}),
          ("/../../etc/passwd", {400, 404})]
_NO_SUCH_METRIC = ("/apis/custom.metrics.k8s.io/v1beta2/namespaces/team-00/"
                   "pods/%2A/no_such_metric?labelSelector=app%3Dshop-0")


class Weather:
    """When there was a fault: (begin, end) each, and one may be on."""

    def __init__(self):
        self._faults = []

    def begin(self):
        self._faults.append((time.monotonic(), float("inf")))

    def end(self):
        begin, _ = self._faults[-1]
        self._faults[-1] = (begin, time.monotonic())

    def was_fine(self, begin, end):
        return all(end < bad or begin > good + GRACE
                   for bad, good in self._faults[-3:])


class Tally:
    """What the clients saw.  Errors are counted by what went wrong."""

    def __init__(self):
        self._lock = threading.Lock()
        self.answers = collections.Counter()  # by kind of request
        self.in_faults = collections.Counter()  # failures that were expected
        self.errors = collections.Counter()
        self.slowest_discovery = 0.0

    def right(self, kind, seconds):
        with self._lock:
            self.answers[kind] += 1
            if kind == "discovery":
                self.slowest_discovery = max(self.slowest_discovery, seconds)

    def failed_in_fault(self, kind):
        with self._lock:
            self.answers[kind] += 1
            self.in_faults[kind] += 1

    def wrong(self, kind, text):
        with self._lock:
            self.errors[kind] += 1
            number = sum(self.errors.values())
        if number <= 20:
            print(f"ERROR {kind}: {text}", flush=True)


def _values():
    """The right answer to each path: value by object or by pod."""
    places = {pod: str(place % 17)
              for place, (_, _, pod) in enumerate(series.value_pods())}
    right = {}
    pods = series.value_pods()
    for path in series.pods_paths():
        namespace = path.split("/")[5]
        application = path.rsplit("%3D", 1)[1]
        right[path] = {pod: places[pod] for n, a, pod in pods
                       if (n, a) == (namespace, application)}
    for path in series.one_paths():
        pod = path.split("/")[7]
        right[path] = {pod: places[pod]}
    for path in series.external_paths()[1:]:
        right[path] = {"": places[path.rsplit("%3D", 1)[1]]}
    return right


class Clients:
    """Threads, each with a connection that it renews now and then."""

    def __init__(self, address, certificates, weather, tally):
        self._address = address
        self._certificates = certificates
        self._weather = weather
        self._tally = tally
        self._ending = threading.Event()
        self._right = _values()
        jobs = [self._ask_value] * 4 + [
            self._ask_discovery, self._ask_wrong, self._be_slow]
        self._threads = [threading.Thread(target=self._work, args=(job, seed))
                         for seed, job in enumerate(jobs)]
        for thread in self._threads:
            thread.start()

    def stop(self):
        self._ending.set()
        for thread in self._threads:
            thread.join()

    def _work(self, job, seed):
        chance = random.Random(seed)
        client, asked = None, 0
        while not self._ending.wait(0.02):
            if client is None or asked >= 100:
                if client:
                    client.close()
                client, asked = Http1Client(
                    self._address, self._certificates, seconds=20), 0
            asked += 1
            try:
                job(client, chance)
            except (OSError, http.client.HTTPException) as failure:
                # The program itself has no bad days.
                self._tally.wrong("connection", repr(failure))
                client = None
        if client:
            client.close()

    def _get(self, client, path):
        begin = time.monotonic()
        reply = client.get(path)
        end = time.monotonic()
        return reply, end - begin, self._weather.was_fine(begin, end)

    def _ask_value(self, client, chance):
        kind = chance.choice(["pods", "object", "external"])
        paths = {"pods": series.pods_paths, "object": series.one_paths,
                 "external": series.external_paths}[kind]()
        path = chance.choice([p for p in paths if p in self._right][:200])
        join = "&" if "?" in path else "?"
        reply, seconds, fine = self._get(
            client, f"{path}{join}timeout={_PATIENCE}s")
        if reply.status == 200:
            items = json.loads(reply.body)["items"]
            got = {item.get("describedObject", {}).get("name", ""):
                   item["value"] for item in items}
            if got == self._right[path]:
                self._tally.right(kind, seconds)
            else:
                self._tally.wrong(kind, f"wrong values for {path}: {got}")
        elif fine or reply.status not in (500, 504):
            self._tally.wrong(kind, f"{reply.status} for {path}: {reply.body}")
        elif seconds > _PATIENCE + _SLACK:
            self._tally.wrong(kind, f"{reply.status} after {seconds:.1f} s")
        else:
            self._tally.failed_in_fault(kind)

    def _ask_discovery(self, client, chance):
        path = chance.choice(_DISCOVERY)
        reply, seconds, _ = self._get(client, path)
        if reply.status == 200:
            self._tally.right("discovery", seconds)
        else:
            self._tally.wrong("discovery", f"{reply.status} for {path}")

    def _ask_wrong(self, client, chance):
        path, expected = chance.choice([*_WRONG, (_NO_SUCH_METRIC, {404})])
        reply, seconds, fine = self._get(client, path)
        if reply.status in expected:
            self._tally.right("wrong path", seconds)
        elif (path == _NO_SUCH_METRIC and not fine
              and reply.status in (500, 504)):
            self._tally.failed_in_fault("wrong path")
        else:
            self._tally.wrong("wrong path", f"{reply.status} for {path}")

    def _be_slow(self, _, chance):
        """Half a handshake, half a request, or an answer that is not read."""
        host, port = self._address.rsplit(":", 1)
        with socket.create_connection((host, int(port)), timeout=5) as plain:
            how = chance.randrange(3)
            if how == 0:
                plain.sendall(b"\x16\x03\x01\x02")
            else:
                context = ssl.create_default_context(
                    cafile=str(self._certificates))
                with context.wrap_socket(plain,
                                         server_hostname=host) as secure:
                    text = f"GET {_DISCOVERY[2]} HTTP/1.1\r\nHost: x\r\n"
                    secure.sendall(text.encode() + b"\r\n" * (how - 1))
                    self._ending.wait(chance.random())
            self._tally.right("slow client", 0)
