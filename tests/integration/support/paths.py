"""Where things are in the checkout."""

import os
import pathlib

CHECKOUT = pathlib.Path(__file__).resolve().parents[3]
EXAMPLES = CHECKOUT / "docs" / "examples"
SCENARIOS = CHECKOUT / "tests" / "integration" / "scenarios"

_RELEASE = CHECKOUT / "build" / "release"
PROGRAM = pathlib.Path(os.environ.get("SEXTANT_PROGRAM", _RELEASE / "sextant"))
EXPORTER = pathlib.Path(
    os.environ.get("SEXTANT_SAMPLE_EXPORTER", _RELEASE / "sample_exporter"))

# Which release of Debian the servers are of: empty, this machine's own.
SERVERS = os.environ.get("SEXTANT_SERVERS", "")
TOOLS = CHECKOUT / "build" / "tools" / SERVERS
PROMETHEUS = TOOLS / "prometheus" / "usr" / "bin" / "prometheus"
PROMTOOL = TOOLS / "prometheus" / "usr" / "bin" / "promtool"
VICTORIA_METRICS = TOOLS / "victoria-metrics" / "usr" / "bin" / "victoria-metrics"
VMAUTH = TOOLS / "victoria-metrics" / "usr" / "bin" / "vmauth"
# Empty unless Thanos is to be tested too.
THANOS = os.environ.get("SEXTANT_THANOS", "")
