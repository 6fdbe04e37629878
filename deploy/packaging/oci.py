"""An image as an OCI archive, as `skopeo copy oci-archive:FILE`, `podman load` and
`docker load` take it: a layer, its configuration, a manifest and an index."""

import datetime
import hashlib
import json

import archives

_OCI = "application/vnd.oci.image."


def _json(value):
    return json.dumps(value, indent=1, sort_keys=True).encode()


def archive(root, labels, arch, tag, epoch):
    """The image whose files are those of the folder `root`."""
    layer = archives.tar(archives.tree(root), epoch)
    packed = archives.compressed(layer)
    created = datetime.datetime.fromtimestamp(epoch, datetime.timezone.utc)
    config = _json({
        "created": created.strftime("%Y-%m-%dT%H:%M:%SZ"),
        "architecture": arch,
        "os": "linux",
        "config": {"User": "65534:65534", "Entrypoint": ["/adapter"],
                   "WorkingDir": "/", "Labels": labels},
        "rootfs": {"type": "layers", "diff_ids": [_digest(layer)]},
        "history": [{"created": created.strftime("%Y-%m-%dT%H:%M:%SZ"),
                     "created_by": "deploy/docker/tree"}],
    })
    manifest = _json({
        "schemaVersion": 2,
        "mediaType": _OCI + "manifest.v1+json",
        "config": _descriptor(_OCI + "config.v1+json", config),
        "layers": [_descriptor(_OCI + "layer.v1.tar+gzip", packed)],
        "annotations": labels,
    })
    index = _json({
        "schemaVersion": 2,
        "mediaType": _OCI + "index.v1+json",
        "manifests": [{
            **_descriptor(_OCI + "manifest.v1+json", manifest),
            "platform": {"architecture": arch, "os": "linux"},
            "annotations": {
                "io.containerd.image.name": f"docker.io/library/{tag}",
                "org.opencontainers.image.ref.name": tag.split(":")[1]}}],
    })
    # What docker load read before it knew OCI, and still reads first.
    docker = _json([{"Config": _blob(config), "RepoTags": [tag],
                     "Layers": [_blob(packed)]}])
    files = [(_blob(blob), blob) for blob in (packed, config, manifest)]
    files += [("index.json", index), ("manifest.json", docker),
              ("oci-layout", _json({"imageLayoutVersion": "1.0.0"}))]
    return archives.tar(sorted(files), epoch)


def _digest(blob):
    return "sha256:" + hashlib.sha256(blob).hexdigest()


def _blob(blob):
    return "blobs/sha256/" + hashlib.sha256(blob).hexdigest()


def _descriptor(media_type, blob):
    return {"mediaType": media_type, "digest": _digest(blob), "size": len(blob)}
