"""The image: what is in its tree, and that the program serves from it."""

import http.client
import json
import os
import pathlib
import re
import ssl
import stat
import subprocess
import tempfile
import time
import unittest
import urllib.request

from container import Container, NameServer, make_tree
from support import paths
from support.backends import Prometheus
from support.https import make_certificate

LINKED = paths.CHECKOUT / "deploy" / "docker" / "linked"
DOCKERFILE = paths.CHECKOUT / "deploy" / "docker" / "Dockerfile"
BUILD = paths.PROGRAM.resolve().parent
MEGABYTE = 1_000_000

RULES = """\
rules:
- seriesQuery: 'queue_length{namespace!="",pod!=""}'
  resources: {overrides: {namespace: {resource: namespace}, pod: {resource: pod}}}
  metricsQuery: 'sum(<<.Series>>{<<.LabelMatchers>>}) by (<<.GroupBy>>)'
"""
QUESTION = ("/apis/custom.metrics.k8s.io/v1beta2/namespaces/shop/pods/web-0/"
            "queue_length")


def linked_packages():
    """The packages of deploy/docker/linked."""
    return [line.split()[0] for line in LINKED.read_text().splitlines()
            if line and not line.startswith("#")]


def files_of(package):
    listed = subprocess.run(["dpkg", "-L", package], check=True,
                            capture_output=True, text=True).stdout
    return {os.path.realpath(line) for line in listed.splitlines()}


def stripped(folder):
    """The program as it is shipped."""
    program = pathlib.Path(folder) / "sextant"
    subprocess.run(["strip", "-o", program, paths.PROGRAM], check=True)
    return program


class Tree(unittest.TestCase):

    @classmethod
    def setUpClass(cls):
        folder = tempfile.TemporaryDirectory(prefix="sextant-image-")
        cls.addClassCleanup(folder.cleanup)
        cls.tree = make_tree(stripped(folder.name),
                             pathlib.Path(folder.name) / "root")
        cls.names = {str(path.relative_to(cls.tree)): path.lstat()
                     for path in cls.tree.rglob("*")}

    def test_it_holds_the_program_and_nothing_else_that_runs(self):
        outside = sorted(name for name in self.names
                         if not name.startswith("licenses/"))
        self.assertEqual(outside, [
            "adapter", "etc", "etc/group", "etc/nsswitch.conf", "etc/passwd",
            "etc/ssl", "etc/ssl/certs", "etc/ssl/certs/ca-certificates.crt",
            "licenses", "sextant", "tmp"])
        runs = [name for name, found in self.names.items()
                if stat.S_ISREG(found.st_mode) and found.st_mode & 0o111]
        self.assertEqual(runs, ["sextant"])
        self.assertEqual(os.readlink(self.tree / "adapter"), "sextant")

    def test_it_is_root_s_and_only_tmp_is_anybody_s(self):
        for name, found in self.names.items():
            with self.subTest(name):
                self.assertEqual((found.st_uid, found.st_gid), (0, 0))
                self.assertFalse(found.st_mode & (stat.S_ISUID | stat.S_ISGID))
                if stat.S_ISLNK(found.st_mode):
                    continue
                writable = bool(found.st_mode & 0o022)
                self.assertEqual(writable, name == "tmp")

    def test_the_program_is_one_static_file_of_at_most_10_mb(self):
        program = self.tree / "sextant"
        self.assertLessEqual(program.stat().st_size, 10 * MEGABYTE)
        headers = subprocess.run(["readelf", "-lhdW", program], check=True,
                                 capture_output=True, text=True).stdout
        self.assertNotIn("INTERP", headers)
        self.assertNotIn("(NEEDED)", headers)
        # Its addresses are drawn by lot at each start.
        self.assertRegex(headers, r"Type: +DYN")

    def test_everything_linked_in_is_named_and_has_its_licence(self):
        used = {os.path.realpath(file) for file in re.findall(
            r"^LOAD (/usr/\S+)$", (BUILD / "sextant.map").read_text(), re.M)}
        self.assertGreater(len(used), 8)
        # Of the program's own objects: other programs may be built beside it.
        objects = [block for block in subprocess.run(
            ["ninja", "-C", BUILD, "-t", "deps"], check=True,
            capture_output=True, text=True).stdout.split("\n\n")
            if block.startswith("src/")]
        used |= {os.path.realpath(file) for file in set(
            re.findall(r"^ +(/usr/\S+)$", "\n".join(objects), re.M))}
        self.assertGreater(len(used), 500)
        # The kernel's interface, by which nothing is linked.
        left = used - files_of("linux-libc-dev")
        for package in linked_packages():
            files = files_of(package)
            with self.subTest(package):
                self.assertTrue(files & used, "nothing of it is used")
                text = self.tree / "licenses" / package / "copyright"
                self.assertGreater(text.stat().st_size, 100)
            left -= files
        self.assertEqual(sorted(left), [], "of packages that are not named")
        self.assertTrue((self.tree / "licenses/sextant/LICENSE").exists())
        # Debian's copyright files point to these instead of repeating them.
        for name in "Apache-2.0", "LGPL-2.1", "GPL-3":
            self.assertTrue((self.tree / "licenses/common" / name).exists(), name)

    def test_no_path_of_the_machine_that_built_it_is_in_it(self):
        program = (self.tree / "sextant").read_bytes()
        found = [folder for folder in ("src", "include", "build")
                 if f"{paths.CHECKOUT}/{folder}/".encode() in program]
        self.assertEqual(found, [])

    def test_the_dockerfile_ships_that_tree_to_an_unprivileged_user(self):
        final = DOCKERFILE.read_text().split("FROM scratch\n")[1]
        steps = [line for line in final.splitlines()
                 if re.match(r"[A-Z]+ ", line) and
                 not line.startswith(("ARG", "LABEL"))]
        self.assertEqual(steps, ["COPY --from=build /out/root/ /",
                                 "USER 65534:65534",
                                 'ENTRYPOINT ["/adapter"]'])


class TlsPrometheus(Prometheus):
    """Prometheus behind a certificate that is for names only."""

    def __init__(self, folder, samples, names):
        self.certificate = pathlib.Path(folder) / "prometheus.crt"
        key = pathlib.Path(folder) / "prometheus.key"
        make_certificate(self.certificate, key, names=names)
        self._web = pathlib.Path(folder) / "web.yml"
        self._web.write_text("tls_server_config: {cert_file: %s, key_file: %s}\n"
                             % (self.certificate, key))
        super().__init__(folder, samples)

    def command(self):
        return super().command() + [f"--web.config.file={self._web}"]

    def _ready(self):
        try:
            with urllib.request.urlopen(
                    f"https://127.0.0.1:{self.port}/-/ready", timeout=5,
                    context=ssl._create_unverified_context()):
                return True
        except (OSError, http.client.HTTPException):
            return False


class Serving(unittest.TestCase):
    """With the container arguments of prometheus-adapter's chart."""

    def setUp(self):
        folder = tempfile.TemporaryDirectory(prefix="sextant-image-")
        self.addCleanup(folder.cleanup)
        self.folder = pathlib.Path(folder.name)
        self.folder.chmod(0o755)
        self.tree = make_tree(stripped(self.folder), self.folder / "root")
        now = int(time.time())
        self.samples = "".join(
            f'queue_length{{namespace="shop",pod="web-0"}} 7 {at}\n'
            for at in range(now - 120, now + 600, 15)) + "# EOF\n"

    def serve(self, url, files):
        container = Container(
            self.folder, self.tree,
            {"etc/adapter/config.yaml": RULES, **files},
            ["/adapter", "/adapter", "--secure-port=0", "--cert-dir=/tmp/cert",
             f"--prometheus-url={url}", "--metrics-relist-interval=1m", "--v=4",
             "--config=/etc/adapter/config.yaml", "--standalone"])
        self.addCleanup(container.stop)
        address = container.wait_until("it listens", lambda: re.search(
            r'serving\b.*\baddress="?([^\s"]+)', container.log())).group(1)

        def get(path):
            with urllib.request.urlopen(
                    f"https://{address}{path}", timeout=20,
                    context=ssl._create_unverified_context()) as reply:
                return json.load(reply)

        def answered():
            try:
                return get(QUESTION)
            except OSError:
                return None
        answer = container.wait_until("it has a value", answered)
        self.assertEqual(answer["items"][0]["value"], "7")
        return container

    def test_it_asks_a_name_of_dns_over_tls_by_the_authorities_of_the_image(self):
        prometheus = TlsPrometheus(self.folder, self.samples,
                                   "DNS:prometheus.monitoring")
        self.addCleanup(prometheus.stop)
        names = NameServer(
            {"prometheus.monitoring.svc.cluster.local": "127.0.0.1"})
        self.addCleanup(names.stop)
        authorities = (self.tree / "etc/ssl/certs/ca-certificates.crt").read_text()
        container = self.serve(
            f"https://prometheus.monitoring:{prometheus.port}/",
            {"etc/resolv.conf": f"nameserver {names.address}\n"
                                "search shop.svc.cluster.local svc.cluster.local\n"
                                "options ndots:5\n",
             "etc/hosts": "127.0.0.1 localhost\n",
             "etc/ssl/certs/ca-certificates.crt":
                 authorities + prometheus.certificate.read_text()})
        self.assertIn("prometheus.monitoring.shop.svc.cluster.local", names.asked)

        status = pathlib.Path(f"/proc/{container.pid}/status").read_text()
        self.assertRegex(status, r"Uid:\t65534\t65534\t65534\t65534\n")
        self.assertRegex(status, r"Gid:\t65534\t65534\t65534\t65534\n")
        self.assertRegex(status, r"CapEff:\t0+\n")
        mounts = pathlib.Path(f"/proc/{container.pid}/mounts").read_text()
        writable = [line.split()[1] for line in mounts.splitlines()
                    if line.split()[3].split(",")[0] == "rw"]
        self.assertEqual(writable, ["/tmp"])
        self.assertEqual(container.stop(), 0)

    def test_it_asks_a_name_of_the_hosts_file(self):
        prometheus = Prometheus(self.folder, self.samples)
        self.addCleanup(prometheus.stop)
        self.serve(f"http://prometheus.shop:{prometheus.port}",
                   {"etc/resolv.conf": "",
                    "etc/hosts": "127.0.0.1 localhost\n"
                                 "127.0.0.1 prometheus.shop\n"})


if __name__ == "__main__":
    unittest.main()
