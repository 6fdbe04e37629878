"""The chart: what it renders, and what the program makes of it."""

import json
import os
import pathlib
import subprocess
import tarfile
import tempfile
import unittest

import yaml

from chart import (CHART, SETS, RenderingFailed, config, container, helm,
                   only, render)
from installed import start_as_deployed
from support import paths


class Dumper(yaml.SafeDumper):
    """Lines of a text stay lines, so that a change of rules can be read."""


Dumper.add_representer(str, lambda dumper, text: dumper.represent_scalar(
    "tag:yaml.org,2002:str", text, style="|" if "\n" in text else None))


def dumped(objects):
    """Objects in an order of their own, so that templates may be moved."""
    return yaml.dump_all((objects[key] for key in sorted(objects)),
                         Dumper=Dumper, sort_keys=True, width=120)


class Rendering(unittest.TestCase):

    def test_lint_finds_nothing(self):
        for values in [*CHART.glob("ci/*.yaml"),
                       *(folder / "values.yaml" for folder in SETS)]:
            with self.subTest(values):
                self.assertIn("0 chart(s) failed", helm(
                    "lint", "--strict", CHART, "--values", values))

    def test_every_set_of_values_renders_to_what_is_expected(self):
        self.assertGreaterEqual(len(SETS), 15)
        for folder in SETS:
            with self.subTest(folder.name):
                rendered = dumped(render(folder / "values.yaml"))
                expected = folder / "expected.yaml"
                if os.environ.get("SEXTANT_UPDATE_GOLDEN"):
                    expected.write_text(rendered)
                self.maxDiff = None
                self.assertEqual(
                    list(yaml.safe_load_all(expected.read_text())),
                    list(yaml.safe_load_all(rendered)))

    def test_the_unit_tests_pass(self):
        unittest_program = os.environ.get(
            "HELM_UNITTEST",
            paths.CHECKOUT / "build" / "deploy" / "helm-unittest")
        done = subprocess.run(
            [unittest_program, "--strict", "--file", "unittests/*_test.yaml",
             CHART], capture_output=True, text=True, check=False)
        self.assertEqual(done.returncode, 0, done.stdout + done.stderr)
        self.assertRegex(done.stdout, r"Tests: +[1-9][0-9]* passed")

    def test_a_ca_of_its_own_verifies_the_certificate(self):
        objects = render(settings=["tls.ownCA.enabled=true"])
        secret = only(objects, "Secret")["data"]
        bundle = objects["APIService", "v1beta1.custom.metrics.k8s.io"]["spec"]
        self.assertEqual(bundle["caBundle"], secret["ca.crt"])
        self.assertNotIn("insecureSkipTLSVerify", bundle)
        with tempfile.TemporaryDirectory() as folder:
            for name in ("ca.crt", "tls.crt"):
                decoded = subprocess.run(
                    ["base64", "-d"], input=secret[name].encode(),
                    capture_output=True, check=True).stdout
                pathlib.Path(folder, name).write_bytes(decoded)
            done = subprocess.run(
                ["openssl", "verify", "-verify_hostname",
                 "adapter-sextant.monitoring.svc", "-CAfile",
                 f"{folder}/ca.crt", f"{folder}/tls.crt"],
                capture_output=True, text=True, check=False)
            self.assertEqual(done.returncode, 0, done.stdout + done.stderr)

    def test_the_package_is_made(self):
        with tempfile.TemporaryDirectory() as folder:
            helm("package", CHART, "--destination", folder)
            names = [each.name for each in pathlib.Path(folder).iterdir()]
            version = yaml.safe_load((CHART / "Chart.yaml").read_text())
            self.assertEqual(names, [f"sextant-{version['version']}.tgz"])
            with tarfile.open(pathlib.Path(folder, names[0])) as package:
                packed = {pathlib.PurePath(each).parts[1]
                          for each in package.getnames()}
            self.assertLessEqual({"Chart.yaml", "README.md", "values.yaml",
                                  "values.schema.json", "templates"}, packed)
            self.assertFalse({"unittests", "ci", "README.md.in"} & packed)

    def test_as_a_part_of_another_chart_its_alias_is_its_name(self):
        """What a parent has under the key prometheus-adapter stays there."""
        with tempfile.TemporaryDirectory() as folder:
            parent = pathlib.Path(folder, "parent")
            parent.mkdir()
            (parent / "Chart.yaml").write_text(yaml.safe_dump({
                "apiVersion": "v2", "name": "parent", "version": "1.0.0",
                "dependencies": [{
                    "name": "sextant", "alias": "prometheus-adapter",
                    "version": ">=0.0.0-0", "repository": f"file://{CHART}"}]}))
            (parent / "values.yaml").write_text(yaml.safe_dump({
                "prometheus-adapter": {"prometheus": {
                    "url": "http://{{ .Release.Name }}-prometheus"}}}))
            helm("dependency", "build", parent)
            objects = {(each["kind"], each["metadata"]["name"]): each
                       for each in yaml.safe_load_all(
                           helm("template", "ai", parent))}
        deployment = only(objects, "Deployment")
        self.assertEqual(deployment["metadata"]["name"], "ai-prometheus-adapter")
        self.assertEqual(
            deployment["spec"]["selector"]["matchLabels"],
            {"app.kubernetes.io/name": "prometheus-adapter",
             "app.kubernetes.io/instance": "ai"})
        self.assertIn("--prometheus-url=http://ai-prometheus:9090",
                      container(objects)["args"])
        self.assertIn(("ClusterRole", "prometheus-adapter-resource-reader"),
                      objects)

    def test_the_version_is_the_programs(self):
        chart = yaml.safe_load((CHART / "Chart.yaml").read_text())
        said = subprocess.run([paths.PROGRAM, "version"], capture_output=True,
                              text=True, check=True).stdout.split("\n", 1)[0]
        self.assertEqual(said, f"sextant {chart['version']}")
        self.assertEqual(chart["appVersion"], chart["version"])

    def test_alerts_and_dashboards_are_those_of_the_checkout(self):
        made = paths.CHECKOUT / "deploy" / "dashboards"
        for docs, settings in [
                ("docs", []),
                ("https://example.com/docs",
                 ["docsURL=https://example.com/docs/"])]:
            with self.subTest(docs), tempfile.TemporaryDirectory() as folder:
                objects = render(settings=[
                    "prometheusRule.enabled=true", "dashboards.enabled=true",
                    *settings])
                subprocess.run([made / "generate", "--docs", docs, "--output",
                                folder], check=True, capture_output=True)
                folder = pathlib.Path(folder)
                rule = yaml.safe_load(
                    (folder / "prometheusrule.yaml").read_text())
                self.assertEqual(
                    only(objects, "PrometheusRule")["spec"], rule["spec"])
                shown = objects["ConfigMap", "adapter-sextant-dashboards"]
                self.assertEqual(
                    {name: json.loads(text)
                     for name, text in shown["data"].items()},
                    {path.name: json.loads(path.read_text())
                     for path in folder.glob("*.json")})

    def test_what_is_made_of_other_files_is_up_to_date(self):
        done = subprocess.run(
            [CHART.parent / "generate", "--check"], capture_output=True,
            text=True, check=False)
        self.assertEqual(done.returncode, 0, done.stdout + done.stderr)


class Program(unittest.TestCase):
    """The program understands what the chart gives it."""

    def test_check_has_no_complaint_about_rules_of_any_set(self):
        for folder in SETS:
            objects = render(folder / "values.yaml")
            if config(objects) is None:
                continue
            with self.subTest(folder.name), \
                    tempfile.NamedTemporaryFile("w", suffix=".yaml") as file:
                file.write(config(objects))
                file.flush()
                done = subprocess.run(
                    [paths.PROGRAM, *self.check_arguments(file.name)],
                    capture_output=True, text=True, check=False)
                self.assertEqual(done.returncode, 0, done.stdout + done.stderr)

    def check_arguments(self, config_file):
        """Of the init container, for a file that is elsewhere."""
        pod = only(render(settings=["checkRules.enabled=true"]),
                   "Deployment")["spec"]["template"]["spec"]
        return [argument.replace("/etc/adapter/config.yaml", config_file)
                for argument in pod["initContainers"][0]["args"]]

    def test_it_starts_with_the_arguments_of_every_set(self):
        for folder in SETS:
            objects = render(folder / "values.yaml")
            if config(objects) is None:
                continue
            with self.subTest(folder.name):
                start_as_deployed(container(objects)["args"], config(objects))


if __name__ == "__main__":
    unittest.main()
