"""The image's tree as a container sees it, without a container engine.

deploy/docker/tree makes what the Dockerfile's last stage holds.  It is mounted
read-only in a mount namespace of its own, with the files that a container runtime
adds, and the program is started in it by chroot as user 65534.  Needs root.
"""

import pathlib
import socket
import struct
import subprocess
import threading

from support import paths
from support.process import Process

TREE = paths.CHECKOUT / "deploy" / "docker" / "tree"

# $1 is the tree, $2 the folder of what is mounted over it; the rest is the command.
_START = r"""
tree=$1 over=$2
shift 2
# The root of a chroot is no mount, and cannot be made private.
mount --make-rprivate / 2>/dev/null || true
mount --bind "$tree" "$tree"
mount --make-private "$tree"
mount -o remount,bind,ro,nosuid,nodev "$tree"
mount -t proc -o ro,nosuid,nodev,noexec proc "$tree/proc"
mount -t tmpfs -o mode=1777,nosuid,nodev,noexec tmpfs "$tree/tmp"
(cd "$over" && find . -type f) | while read -r file; do
  mount --bind "$over/$file" "$tree/$file"
  mount -o remount,bind,ro,nosuid,nodev,noexec "$tree/$file"
done
exec chroot --userspec=65534:65534 --groups= "$tree" "$@"
"""


def make_tree(program, folder):
    """The tree of an image of that program."""
    subprocess.run([TREE, program, folder], check=True, capture_output=True,
                   text=True)
    return folder


class Container(Process):
    """`command` in the tree; `files` are what the runtime mounts, by path."""

    def __init__(self, folder, tree, files, command):
        over = pathlib.Path(folder) / "over"
        for name, content in files.items():
            file = over / name
            file.parent.mkdir(parents=True, exist_ok=True)
            file.write_text(content)
            # Runtimes make the places of what they mount.
            place = tree / name
            place.parent.mkdir(parents=True, exist_ok=True)
            place.touch()
        (tree / "proc").mkdir(exist_ok=True)
        super().__init__(
            "sextant", ["unshare", "--mount", "--propagation", "unchanged", "sh",
                        "-eu", "-c", _START, "start", tree, over, *command],
            pathlib.Path(folder) / "container.log", env={})
        self._tree = tree

    def stop(self):
        ended = super().stop()
        # Where the root could not be made private, that mount is here too.
        subprocess.run(["umount", self._tree], check=False,
                       stderr=subprocess.DEVNULL)
        return ended


class NameServer:
    """DNS on port 53 of an address of this machine, knowing some names only."""

    def __init__(self, names):
        self._names = names
        self._asked = []
        self._socket = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        for last in range(2, 255):
            self.address = f"127.53.53.{last}"
            try:
                self._socket.bind((self.address, 53))
                break
            except OSError:
                if last == 254:
                    raise
        self._thread = threading.Thread(target=self._serve, daemon=True)
        self._thread.start()

    @property
    def asked(self):
        """The names that it was asked for, in order."""
        return list(self._asked)

    def stop(self):
        # What ends the thread is an empty message of its own.
        with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as end:
            end.sendto(b"", (self.address, 53))
        self._thread.join()
        self._socket.close()

    def _serve(self):
        while True:
            question, sender = self._socket.recvfrom(4096)
            if not question:
                return
            self._socket.sendto(self._answer(question), sender)

    def _answer(self, query):
        labels, at = [], 12
        while query[at]:
            labels.append(query[at + 1:at + 1 + query[at]].decode())
            at += 1 + query[at]
        question = query[12:at + 5]
        kind = struct.unpack(">H", query[at + 1:at + 3])[0]
        name = ".".join(labels)
        self._asked.append(name)
        address = self._names.get(name)
        answers = b""
        if address and kind == 1:  # A: a pointer to the question's name, IN, 60 s.
            answers = (b"\xc0\x0c\x00\x01\x00\x01\x00\x00\x00\x3c\x00\x04" +
                       socket.inet_aton(address))
        refused = 0 if address else 3  # NXDOMAIN
        return (query[:2] + struct.pack(
            ">HHHHH", 0x8580 | refused, 1, 1 if answers else 0, 0, 0) +
            question + answers)
