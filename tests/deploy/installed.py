"""The program, started as an installation starts it."""

import pathlib
import tempfile

from support import paths
from support.https import make_certificate
from support.process import Process


def start_as_deployed(args, rules):
    """Serves by the arguments of a container, until it says that it does.

    What a Pod has mounted is in a folder of its own; there is no cluster, so it
    stands alone.
    """
    with tempfile.TemporaryDirectory() as name:
        work = pathlib.Path(name)
        (work / "config.yaml").write_text(rules)
        make_certificate(work / "tls.crt", work / "tls.key")
        (work / "token").write_text("a token")
        (work / "service-ca.crt").write_text((work / "tls.crt").read_text())
        mounted = {"/etc/adapter": work, "/etc/service-ca": work,
                   "/etc/openshift-ca": work, "/var/run/serving-cert": work,
                   "/var/run/secrets/kubernetes.io/serviceaccount": work,
                   "/tmp/cert": work / "made"}
        arguments = []
        for argument in args:
            if argument.startswith("--secure-port="):
                argument = "--secure-port=0"
            for path, instead in mounted.items():
                argument = argument.replace(path, str(instead))
            arguments.append(argument)
        process = Process(
            "sextant", [paths.PROGRAM, *arguments, "--standalone",
                        "--bind-address=127.0.0.1"], work / "log")
        try:
            process.wait_until("it serves", lambda: " serving " in process.log())
        finally:
            process.stop()
