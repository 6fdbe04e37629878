"""What a static program is made of, as SPDX 2.3: by deploy/docker/linked and dpkg."""

import datetime
import json
import subprocess


def linked(file):
    """(package, licence) of every line of deploy/docker/linked."""
    return [tuple(line.split(" ", 1)) for line in file.read_text().splitlines()
            if line and not line.startswith("#")]


def installed(package, arch):
    """What dpkg knows of a package: version, source and its version, home page.

    Of a package that is there for several architectures, that for `arch`; of the
    compiler's own libraries a cross compiler has other packages.
    """
    fields = ("${Version}", "${source:Package}", "${source:Version}",
              "${Homepage}", "${Architecture}", "${db:Status-Abbrev}")
    for name in (f"{package}:{arch}", f"{package}-{arch}-cross", package):
        done = subprocess.run(
            ["dpkg-query", "-W", "-f", "\t".join(fields) + "\n", name],
            capture_output=True, text=True, check=False)
        for line in done.stdout.splitlines():
            *found, status = line.split("\t")
            if status.startswith("ii"):
                return found
    raise SystemExit(f"error: the package {package} is not installed")


def document(version, revision, arch, program_sha256, linked_packages, epoch):
    """The SPDX document; `revision` names the commit."""
    created = datetime.datetime.fromtimestamp(epoch, datetime.timezone.utc)
    packages = [{
        "SPDXID": "SPDXRef-sextant",
        "name": "sextant",
        "versionInfo": version,
        "supplier": "NOASSERTION",
        "downloadLocation": "NOASSERTION",
        "filesAnalyzed": False,
        "licenseConcluded": "Apache-2.0",
        "licenseDeclared": "Apache-2.0",
        "copyrightText": "NOASSERTION",
        "primaryPackagePurpose": "APPLICATION",
        "checksums": [{"algorithm": "SHA256", "checksumValue": program_sha256}],
        "sourceInfo": f"commit {revision}",
    }]
    relations = [("SPDXRef-DOCUMENT", "DESCRIBES", "SPDXRef-sextant")]
    for name, license in linked_packages:
        package_version, source, source_version, home, package_arch = installed(
            name, arch)
        identifier = "SPDXRef-debian-" + name.replace("+", "-plus")
        packages.append({
            "SPDXID": identifier,
            "name": name,
            "versionInfo": package_version,
            "supplier": "Organization: Debian",
            "downloadLocation": "NOASSERTION",
            **({"homepage": home} if home else {}),
            "filesAnalyzed": False,
            "licenseConcluded": license,
            "licenseDeclared": license,
            "copyrightText": "NOASSERTION",
            "primaryPackagePurpose": "LIBRARY",
            "sourceInfo": f"built from the Debian source {source} {source_version}",
            "externalRefs": [{
                "referenceCategory": "PACKAGE-MANAGER",
                "referenceType": "purl",
                "referenceLocator":
                    f"pkg:deb/debian/{name.replace('+', '%2B')}@"
                    f"{package_version.replace('+', '%2B').replace(':', '%3A')}"
                    f"?arch={package_arch}&distro=debian-12",
            }],
        })
        relations.append(("SPDXRef-sextant", "STATIC_LINK", identifier))
    return json.dumps({
        "spdxVersion": "SPDX-2.3",
        "dataLicense": "CC0-1.0",
        "SPDXID": "SPDXRef-DOCUMENT",
        "name": f"sextant-{version}-linux-{arch}",
        "documentNamespace":
            f"urn:sextant:sbom:{version}:{arch}:{program_sha256}",
        "creationInfo": {
            "created": created.strftime("%Y-%m-%dT%H:%M:%SZ"),
            "creators": ["Tool: sextant-deploy-release"],
        },
        "packages": packages,
        "relationships": [
            {"spdxElementId": one, "relationshipType": how,
             "relatedSpdxElement": other} for one, how, other in relations],
    }, indent=1).encode() + b"\n"
