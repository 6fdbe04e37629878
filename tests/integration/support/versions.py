"""The versions of the servers that the tests run on, and what differs in them.

A test that expects what not every version does takes it from here.
"""

import dataclasses
import functools
import gzip
import re

from . import paths


@dataclasses.dataclass(frozen=True)
class Facts:
    # Can queries have names in quotes, in braces and behind `by`, and can the
    # values be listed of a label whose name has a slash?
    quoted_names: bool
    # What a histogram's bucket of one second is labelled with once it is scraped.
    le_of_one: str


# By product, the facts of each version and all after it up to the next.
_FACTS = {
    "prometheus": [
        ((2, 0), Facts(quoted_names=False, le_of_one="1")),
        ((3, 0), Facts(quoted_names=True, le_of_one="1.0"))],
    "victoria-metrics": [
        ((1, 0), Facts(quoted_names=False, le_of_one="1")),
        # 1.112 cannot yet behind `by`.
        ((1, 145), Facts(quoted_names=True, le_of_one="1"))]}


@functools.cache
def version(package):
    """(2, 42, 0) of the unpacked package "prometheus", by its changelog.

    The programs do not all say: Debian's victoria-metrics has no version.
    """
    file = (paths.TOOLS / package / "usr" / "share" / "doc" / package
            / "changelog.Debian.gz")
    with gzip.open(file, "rt") as changelog:
        first = changelog.readline()
    numbers = re.match(r"\S+ \((?:\d+:)?(\d+)\.(\d+)\.(\d+)", first)
    if not numbers:
        raise AssertionError(f"no version in {file}: {first}")
    return tuple(int(number) for number in numbers.groups())


def text(package):
    return ".".join(str(number) for number in version(package))


def facts(package):
    return [these for since, these in _FACTS[package]
            if version(package) >= since][-1]
