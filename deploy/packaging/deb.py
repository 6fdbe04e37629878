"""The Debian package of the program: one static file, a manual page, licences."""

import pathlib
import shutil
import subprocess
import tempfile

import archives
import sbom

HERE = pathlib.Path(__file__).resolve().parent

_COPYRIGHT = """\
Format: https://www.debian.org/doc/packaging-manuals/copyright-format/1.0/
Upstream-Name: sextant
Comment: The program is linked with static libraries of Debian.  What they are is in
 the field Built-Using of this package, their licences are in
 /usr/share/doc/sextant/licenses.

Files: *
Copyright: The sextant authors
License: Apache-2.0
 On Debian systems the text of this licence is in
 /usr/share/common-licenses/Apache-2.0.
"""

_CHANGELOG = """\
sextant ({version}) bookworm; urgency=medium

  * See CHANGELOG.md.

 -- {maintainer}  {date}
"""

_MAINTAINER = "The sextant authors <authors@sextant.invalid>"


def _write(root, name, data, mode=0o644):
    path = root / name
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(data if isinstance(data, bytes) else data.encode())
    path.chmod(mode)


def build(output, program, licenses, version, arch, linked_packages, epoch, date):
    """Writes the package `output`; `date` is `epoch` as a mail has it."""
    with tempfile.TemporaryDirectory() as folder:
        root = pathlib.Path(folder) / "root"
        _write(root, "usr/bin/sextant", program.read_bytes(), 0o755)
        doc = "usr/share/doc/sextant/"
        _write(root, doc + "copyright", _COPYRIGHT)
        _write(root, doc + "changelog.gz", archives.compressed(_CHANGELOG.format(
            version=version, maintainer=_MAINTAINER, date=date).encode()))
        shutil.copytree(licenses, root / doc / "licenses")
        # Debian has them in /usr/share/common-licenses.
        shutil.rmtree(root / doc / "licenses" / "common")
        shutil.rmtree(root / doc / "licenses" / "sextant")
        page = (HERE / "sextant.1").read_text().replace("@VERSION@", version)
        _write(root, "usr/share/man/man1/sextant.1.gz",
               archives.compressed(page.encode()))
        _write(root, "usr/share/lintian/overrides/sextant",
               "# On purpose: it runs in an empty image too.\n"
               "sextant: statically-linked-binary [usr/bin/sextant]\n")
        size = sum(path.lstat().st_size for path in root.rglob("*")) // 1024 + 1
        sources = sorted({"{1} (= {2})".format(*sbom.installed(name, arch))
                          for name, _ in linked_packages})
        _write(root, "DEBIAN/control", f"""\
Package: sextant
Version: {version}
Architecture: {arch}
Maintainer: {_MAINTAINER}
Installed-Size: {size}
Recommends: ca-certificates
Built-Using: {", ".join(sources)}
Section: net
Priority: optional
Description: Kubernetes metrics from Prometheus
 sextant answers custom.metrics.k8s.io, external.metrics.k8s.io and
 metrics.k8s.io from what Prometheus has, so that the HorizontalPodAutoscaler
 scales workloads by it.  It reads the rules of prometheus-adapter.
 .
 This package has the program only, for checking and explaining rules and for
 serving beside a cluster.  In a cluster it is installed by its Helm chart.
""")
        for path in [root, *root.rglob("*")]:
            if path.is_dir():
                path.chmod(0o755)
        subprocess.run(
            ["dpkg-deb", "--root-owner-group", "-Zxz", "--threads-max=1",
             "--build", root, output], check=True, capture_output=True,
            env={"PATH": "/usr/bin:/bin", "SOURCE_DATE_EPOCH": str(epoch)})
