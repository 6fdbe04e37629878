"""Renders the chart with the real helm, as data."""

import os
import pathlib
import subprocess

import yaml

from support import paths

CHART = paths.CHECKOUT / "deploy" / "chart" / "sextant"
# <set>/values.yaml, and what it renders to in <set>/expected.yaml.
SETS = sorted(path.parent for path in pathlib.Path(
    __file__).resolve().parent.glob("values/*/values.yaml"))
HELM = pathlib.Path(
    os.environ.get("HELM", paths.CHECKOUT / "build" / "deploy" / "helm"))


class RenderingFailed(Exception):
    """What helm said."""


def helm(*arguments):
    done = subprocess.run([HELM, *map(str, arguments)], capture_output=True,
                          text=True, check=False)
    if done.returncode != 0:
        raise RenderingFailed(done.stderr)
    return done.stdout


def render(values=None, release="adapter", namespace="monitoring", settings=()):
    """The objects that a release would have, by kind and name."""
    arguments = ["template", release, CHART, "--namespace", namespace]
    if values is not None:
        arguments += ["--values", values]
    for setting in settings:
        arguments += ["--set", setting]
    objects = {}
    for document in yaml.safe_load_all(helm(*arguments)):
        if document is None:
            continue
        key = (document["kind"], document["metadata"]["name"])
        if key in objects:
            raise AssertionError(f"{key} is there twice")
        objects[key] = document
    return objects


def only(objects, kind):
    """The one object of a kind."""
    found = [each for (of, _), each in objects.items() if of == kind]
    if len(found) != 1:
        raise AssertionError(f"{len(found)} objects are a {kind}")
    return found[0]


def container(objects):
    return only(objects, "Deployment")["spec"]["template"]["spec"]["containers"][0]


def config(objects):
    """config.yaml as the program reads it, or nothing."""
    for (kind, _), each in objects.items():
        if kind == "ConfigMap" and "config.yaml" in each["data"]:
            return each["data"]["config.yaml"]
    return None
