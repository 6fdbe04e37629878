"""What deploy/release packs: the same bytes each time, and one version everywhere."""

import gzip
import hashlib
import io
import json
import pathlib
import re
import subprocess
import sys
import tarfile
import tempfile
import unittest

import yaml

from chart import CHART, HELM
from container import make_tree
from support import paths

PACKAGE = paths.CHECKOUT / "deploy" / "packaging" / "package.py"
EPOCH = 1_700_000_000
REVISION = "0123456789abcdef0123456789abcdef01234567"


def project_version():
    return re.search(r"project\(sextant VERSION ([0-9.]+)",
                     (paths.CHECKOUT / "CMakeLists.txt").read_text()).group(1)


def architecture():
    return subprocess.run(["dpkg", "--print-architecture"], check=True,
                          capture_output=True, text=True).stdout.strip()


def pack(work, output):
    """As deploy/release does once the program is built, from a folder of its own."""
    work.mkdir()
    program = work / "sextant"
    subprocess.run(["strip", "-o", program, paths.PROGRAM], check=True)
    root = make_tree(program, work / "root")
    subprocess.run(
        [sys.executable, PACKAGE, "--program", program, "--root", root, "--helm",
         HELM, "--arch", architecture(), "--epoch", str(EPOCH), "--revision",
         REVISION, output], check=True, capture_output=True)
    return {path.name: path.read_bytes() for path in output.iterdir()}


class Release(unittest.TestCase):

    @classmethod
    def setUpClass(cls):
        folder = tempfile.TemporaryDirectory(prefix="sextant-release-")
        cls.addClassCleanup(folder.cleanup)
        cls.folder = pathlib.Path(folder.name)
        cls.files = pack(cls.folder / "one", cls.folder / "output")
        cls.version, cls.arch = project_version(), architecture()
        cls.name = f"sextant-{cls.version}-linux-{cls.arch}"
        cls.deb = f"sextant_{cls.version}_{cls.arch}.deb"

    def deb_field(self, name):
        return subprocess.run(
            ["dpkg-deb", "--field", self.folder / "output" / self.deb, name],
            check=True, capture_output=True, text=True).stdout.strip()

    def oci(self):
        """The archive's files, and what its index leads to."""
        with tarfile.open(self.folder / "output" / f"{self.name}.oci.tar") as archive:
            files = {member.name: archive.extractfile(member).read()
                     for member in archive}
        index = json.loads(files["index.json"])
        manifest = self.blob(files, index["manifests"][0])
        return files, json.loads(manifest)

    def blob(self, files, descriptor):
        algorithm, digest = descriptor["digest"].split(":")
        data = files[f"blobs/{algorithm}/{digest}"]
        self.assertEqual(hashlib.sha256(data).hexdigest(), digest)
        self.assertEqual(len(data), descriptor["size"])
        return data

    def test_everything_is_there(self):
        self.assertEqual(sorted(self.files), sorted([
            f"{self.name}.tar.gz", self.deb, f"{self.name}.oci.tar",
            f"{self.name}.spdx.json", f"sextant-{self.version}.tgz",
            "SHA256SUMS"]))

    def test_the_checksums_are_those_of_the_files(self):
        subprocess.run(["sha256sum", "--check", "--strict", "SHA256SUMS"],
                       cwd=self.folder / "output", check=True, capture_output=True)
        self.assertEqual(self.files["SHA256SUMS"].count(b"\n"), 5)

    def test_packing_again_elsewhere_gives_the_same_bytes(self):
        again = pack(self.folder / "somewhere-else", self.folder / "again")
        self.assertEqual(sorted(again), sorted(self.files))
        for name, data in again.items():
            with self.subTest(name):
                self.assertTrue(data == self.files[name], "the bytes differ")

    def test_the_version_is_that_of_cmake_everywhere(self):
        program = json.loads(subprocess.run(
            [paths.PROGRAM, "version", "--output=json"], check=True,
            capture_output=True, text=True).stdout)
        chart = yaml.safe_load((CHART / "Chart.yaml").read_text())
        changes = (paths.CHECKOUT / "CHANGELOG.md").read_text()
        _, manifest = self.oci()
        found = {
            "the program": program["version"],
            "the chart": chart["version"],
            "the chart's program": chart["appVersion"],
            "the .deb": self.deb_field("Version"),
            "the image": manifest["annotations"]["org.opencontainers.image.version"],
            "the changelog": re.search(r"^## \[([0-9.]+)\]", changes, re.M).group(1),
        }
        self.assertEqual(found, dict.fromkeys(found, self.version))

    def test_the_program_comes_out_of_the_archive_and_of_the_deb(self):
        unpacked = self.folder / "unpacked"
        subprocess.run(["dpkg-deb", "-x", self.folder / "output" / self.deb,
                        unpacked], check=True)
        with tarfile.open(self.folder / "output" / f"{self.name}.tar.gz") as archive:
            member = archive.extractfile(f"{self.name}/sextant")
            self.assertEqual((unpacked / "usr/bin/sextant").read_bytes(),
                             member.read())
            names = archive.getnames()
        self.assertIn(f"{self.name}/licenses/libssl-dev/copyright", names)
        done = subprocess.run([unpacked / "usr/bin/sextant", "version"], check=True,
                              capture_output=True, text=True)
        self.assertIn(f"sextant {self.version}\n", done.stdout)
        self.assertIn("openssl (= ", self.deb_field("Built-Using"))
        # man reads the page without a complaint.
        page = gzip.decompress(
            (unpacked / "usr/share/man/man1/sextant.1.gz").read_bytes()).decode()
        self.assertIn(f"sextant {self.version}", page)

    def test_the_image_is_the_tree_for_an_unprivileged_user(self):
        files, manifest = self.oci()
        config = json.loads(self.blob(files, manifest["config"]))
        self.assertEqual(config["config"]["User"], "65534:65534")
        self.assertEqual(config["config"]["Entrypoint"], ["/adapter"])
        self.assertEqual(config["architecture"], self.arch)
        (descriptor,) = manifest["layers"]
        layer = gzip.decompress(self.blob(files, descriptor))
        self.assertEqual(config["rootfs"]["diff_ids"],
                         ["sha256:" + hashlib.sha256(layer).hexdigest()])
        tree = self.folder / "one" / "root"
        with tarfile.open(fileobj=io.BytesIO(layer)) as archive:
            members = {member.name: member for member in archive}
        self.assertEqual(sorted(members), sorted(
            str(path.relative_to(tree)) for path in tree.rglob("*")))
        for member in members.values():
            self.assertEqual((member.uid, member.gid, member.mtime), (0, 0, EPOCH))
        self.assertEqual(members["tmp"].mode, 0o1777)
        self.assertEqual(members["adapter"].linkname, "sextant")
        self.assertEqual(members["sextant"].mode, 0o755)

    def test_the_sbom_names_every_library_with_version_and_licence(self):
        document = json.loads(self.files[f"{self.name}.spdx.json"])
        self.assertEqual(document["spdxVersion"], "SPDX-2.3")
        packages = {each["name"]: each for each in document["packages"]}
        listed = [line.split(" ", 1) for line in
                  (paths.CHECKOUT / "deploy/docker/linked").read_text().splitlines()
                  if line and not line.startswith("#")]
        self.assertEqual(sorted(packages),
                         sorted(["sextant", *(name for name, _ in listed)]))
        for name, license in listed:
            with self.subTest(name):
                self.assertEqual(packages[name]["licenseDeclared"], license)
                version = subprocess.run(
                    ["dpkg-query", "-W", "-f", "${Version}", name], check=True,
                    capture_output=True, text=True).stdout
                self.assertEqual(packages[name]["versionInfo"], version)
        identifiers = {each["SPDXID"] for each in document["packages"]}
        for each in identifiers:
            self.assertRegex(each, r"^SPDXRef-[A-Za-z0-9.-]+$")
        linked = {relation["relatedSpdxElement"]
                  for relation in document["relationships"]
                  if relation["relationshipType"] == "STATIC_LINK"}
        self.assertEqual(linked, identifiers - {"SPDXRef-sextant"})
        with tarfile.open(self.folder / "output" / f"{self.name}.tar.gz") as archive:
            program = archive.extractfile(f"{self.name}/sextant").read()
        self.assertEqual(packages["sextant"]["checksums"][0]["checksumValue"],
                         hashlib.sha256(program).hexdigest())

    def test_helm_reads_the_packed_chart(self):
        done = subprocess.run(
            [HELM, "template", "release",
             self.folder / "output" / f"sextant-{self.version}.tgz"],
            check=True, capture_output=True, text=True)
        self.assertIn("kind: Deployment", done.stdout)


if __name__ == "__main__":
    unittest.main()
