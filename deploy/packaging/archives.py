"""Archives that come out the same, byte for byte, whoever makes them and when."""

import gzip
import io
import os
import pathlib
import stat
import tarfile


def tree(folder, prefix=""):
    """(name, path) of everything in a folder, in the order of their names."""
    folder = pathlib.Path(folder)
    for path in sorted(folder.rglob("*"), key=lambda p: p.relative_to(folder).parts):
        yield prefix + str(path.relative_to(folder)), path


def tar(entries, epoch):
    """A tar of (name, path or bytes): root's, of one time, in the order given."""
    output = io.BytesIO()
    with tarfile.open(fileobj=output, mode="w", format=tarfile.GNU_FORMAT) as archive:
        for name, source in entries:
            info = tarfile.TarInfo(name)
            info.mtime = epoch
            info.uname = info.gname = "root"
            if isinstance(source, bytes):
                info.size, info.mode = len(source), 0o644
                archive.addfile(info, io.BytesIO(source))
                continue
            found = os.lstat(source)
            info.mode = stat.S_IMODE(found.st_mode)
            if stat.S_ISDIR(found.st_mode):
                info.type = tarfile.DIRTYPE
                archive.addfile(info)
            elif stat.S_ISLNK(found.st_mode):
                info.type, info.linkname, info.mode = (
                    tarfile.SYMTYPE, os.readlink(source), 0o777)
                archive.addfile(info)
            else:
                info.size = found.st_size
                with open(source, "rb") as file:
                    archive.addfile(info, file)
    return output.getvalue()


def compressed(data):
    """gzip without a name and a time."""
    return gzip.compress(data, compresslevel=6, mtime=0)


def retarred(data, epoch):
    """A .tar.gz of somebody else's, as tar() would have made it."""
    with tarfile.open(fileobj=io.BytesIO(data), mode="r:gz") as archive:
        files = sorted((member.name, archive.extractfile(member).read())
                       for member in archive if member.isfile())
    return compressed(tar(files, epoch))
