#!/usr/bin/env python3
"""Packs what deploy/release has built: the same input gives the same bytes.

usage: package.py --program FILE --root FOLDER --helm FILE --arch ARCH
                  --epoch SECONDS --revision COMMIT FOLDER

FOLDER is made, and gets the program as .tar.gz and .deb, the image as an OCI
archive, the chart, the SBOM, and SHA256SUMS over all of them.
"""

import argparse
import email.utils
import hashlib
import pathlib
import re
import subprocess
import tempfile

import archives
import deb
import oci
import sbom

CHECKOUT = pathlib.Path(__file__).resolve().parents[2]
CHART = CHECKOUT / "deploy" / "chart" / "sextant"


def version():
    """The one place that says it."""
    return re.search(r"project\(sextant VERSION ([0-9.]+)",
                     (CHECKOUT / "CMakeLists.txt").read_text()).group(1)


def chart(helm, epoch):
    """What `helm package` makes, without the time of its making."""
    with tempfile.TemporaryDirectory() as folder:
        subprocess.run([helm, "package", CHART, "--destination", folder],
                       check=True, capture_output=True)
        (made,) = pathlib.Path(folder).iterdir()
        return made.name, archives.retarred(made.read_bytes(), epoch)


def main():
    parser = argparse.ArgumentParser(description=__doc__.split("\n", 1)[0])
    for name in "program", "root", "helm":
        parser.add_argument(f"--{name}", type=pathlib.Path, required=True)
    parser.add_argument("--arch", required=True)
    parser.add_argument("--epoch", type=int, required=True)
    parser.add_argument("--revision", required=True)
    parser.add_argument("folder", type=pathlib.Path)
    arguments = parser.parse_args()

    output, arch, epoch = arguments.folder, arguments.arch, arguments.epoch
    output.mkdir(parents=True)
    name = f"sextant-{version()}-linux-{arch}"
    program = arguments.program.read_bytes()
    licenses = arguments.root / "licenses"
    linked = sbom.linked(CHECKOUT / "deploy" / "docker" / "linked")

    def write(file, data):
        (output / file).write_bytes(data)
        print(f"{file}: {len(data)} bytes", flush=True)

    write(f"{name}.tar.gz", archives.compressed(archives.tar([
        (f"{name}/sextant", arguments.program),
        (f"{name}/CHANGELOG.md", CHECKOUT / "CHANGELOG.md"),
        *archives.tree(licenses, f"{name}/licenses/")], epoch)))

    package = f"sextant_{version()}_{arch}.deb"
    deb.build(output / package, arguments.program, licenses, version(), arch,
              linked, epoch, email.utils.formatdate(epoch))
    print(f"{package}: {(output / package).stat().st_size} bytes", flush=True)

    labels = {
        "org.opencontainers.image.title": "sextant",
        "org.opencontainers.image.description":
            "Kubernetes metrics from Prometheus, for the HorizontalPodAutoscaler",
        "org.opencontainers.image.licenses": "Apache-2.0",
        "org.opencontainers.image.base.name": "scratch",
        "org.opencontainers.image.version": version(),
        "org.opencontainers.image.revision": arguments.revision,
    }
    write(f"{name}.oci.tar", oci.archive(
        arguments.root, labels, arch, f"sextant:{version()}", epoch))
    write(f"{name}.spdx.json", sbom.document(
        version(), arguments.revision, arch,
        hashlib.sha256(program).hexdigest(), linked, epoch))
    write(*chart(arguments.helm, epoch))

    sums = "".join(
        f"{hashlib.sha256(path.read_bytes()).hexdigest()}  {path.name}\n"
        for path in sorted(output.iterdir()))
    write("SHA256SUMS", sums.encode())


if __name__ == "__main__":
    main()
