"""The chart's values: what schema and templates take, and what they refuse."""

import json
import re
import tempfile
import unittest

import jsonschema
import yaml

from chart import CHART, SETS, RenderingFailed, config, helm, render
from support import paths

SCHEMA = json.loads((CHART / "values.schema.json").read_text())


def values_of(written):
    """A configuration as values of the chart."""
    keys = {"custom": "rules", "external": "externalRules",
            "resource": "resourceRules", "stackdriver": "stackdriver",
            "backends": "backends"}
    return {"rules": {"default": False, **{
        key: written.get(name) for key, name in keys.items()}}}


class Values(unittest.TestCase):
    """values.schema.json takes what people have, and names what is wrong."""

    def refusal(self, *settings):
        with self.assertRaises(RenderingFailed) as caught:
            render(settings=settings)
        return str(caught.exception)

    def test_a_mistake_is_named_by_its_key(self):
        for setting, said in [
                ("replicas=two", "/replicas"),
                ("prometheus.url=", "/prometheus/url"),
                ("image.pullPolicy=Sometimes", "/image/pullPolicy"),
                ("metricsRelistInterval=1 minute", "/metricsRelistInterval"),
                ("service.type=Cluster", "/service/type"),
                ("rules.custom.seriesQuery=up", "/rules/custom"),
                ("rules.custom[0].metricsQuery=up", "/rules/custom/0"),
                ("rules.custom[0].seriesQuerie=up", "'seriesQuerie'"),
                ("rules.external[0].seriesQuery=7", "/rules/external/0"),
                ("rules.resource.cpus.window=5m", "'cpus'"),
                ("apiService.customVersions={v1}", "/apiService/customVersions"),
                ("tls.enable=yes-please", "/tls/enable"),
        ]:
            with self.subTest(setting):
                self.assertIn(said, self.refusal(setting))

    def test_templates_refuse_rules_by_themselves(self):
        """For who passes over the schema, as some tools do."""
        for setting, said in [
                ("rules.custom=up", "rules.custom is text; write a list"),
                ("rules.custom[0]=up", "rules.custom[0] is text; a rule"),
                ("rules.custom[0].metricsQuery=up",
                 "rules.custom[0].seriesQuery is missing or empty"),
                ("rules.external[0].seriesQuerie=up",
                 "rules.external[0].seriesQuerie: there is no such key"),
                ("rules.custom[0].seriesQuery=7",
                 "rules.custom[0].seriesQuery is a number; write text"),
                ("rules.resource.cpus=1",
                 "rules.resource.cpus: there is no such key"),
                ("rules.resource.cpu.nodeQuery=<<.Pod>>",
                 "rules.resource.cpu.nodeQuery: <<.Pod>>: there is no such"),
                ("nan=no", "rules.custom[0].nan is no; write zero or none"),
                ("metricsQuery=sum(<<.Serie>>)",
                 "rules.custom[0].metricsQuery: <<.Serie>>: there is no such"),
                ("metricsQuery=sum(<<if .Series>>)",
                 "rules.custom[0].metricsQuery is no template"),
                ("metricsQuery=<<index .GroupBySlice>",
                 "rules.custom[0].metricsQuery is no template"),
                ("name.matches=^(.*", 'rules.custom[0].name.matches'),
                ("name.matches=^(.*", 'missing closing )'),
                ("name.as=true", "rules.custom[0].name.as is a boolean"),
                ("name.mathes=a", "rules.custom[0].name.mathes: there is no"),
                ("seriesFilters[0].is=a*+", "seriesFilters[0].is"),
                ("seriesFilters[0].is=a,rules.custom[0].seriesFilters[0]"
                 ".isNot=b", "seriesFilters[0] has both of is and isNot"),
                ("seriesFilters[0].is=null", "has none of is and isNot"),
                ("seriesFilters[0].if=a", "seriesFilters[0].if: there is no"),
                ("seriesFilters=a", "rules.custom[0].seriesFilters is text"),
                ("resources.template=<<.Label>>",
                 "resources.template: <<.Label>>: there is no such field"),
                ("resources.overrides.pod=pod", "overrides.pod is text"),
                ("resources.overrides.pod.group=apps",
                 "overrides.pod.resource is missing or empty"),
        ]:
            with self.subTest(setting):
                if not setting.startswith("rules."):
                    setting = ("rules.custom[0].seriesQuery=up,"
                               f"rules.custom[0].{setting}")
                with self.assertRaises(RenderingFailed) as caught:
                    helm("template", "a", CHART, "--skip-schema-validation",
                         "--set", setting)
                self.assertIn(said, str(caught.exception))

    def test_every_configuration_of_the_documentation_is_taken_as_values(self):
        """The program reads them, so the chart has to let them through."""
        docs = paths.CHECKOUT / "docs"
        texts = re.findall(r"^```yaml\n(.*?)^```", (docs / "CONFIG.md").read_text(),
                           re.MULTILINE | re.DOTALL)
        texts += [path.read_text() for path in docs.glob("examples/*/rules.yaml")]
        self.assertGreater(len(texts), 12)
        for text in texts:
            written = yaml.safe_load(text)
            with self.subTest(text), tempfile.NamedTemporaryFile(
                    "w", suffix=".yaml") as file:
                yaml.safe_dump(values_of(written), file)
                file.flush()
                read = yaml.safe_load(config(render(file.name)))
                self.assertEqual(read, written)

    def test_templates_agree_with_what_prometheus_adapter_loads(self):
        """Recorded by running it; what is otherwise has its reason here."""
        refused_on_purpose = [
            "rules:\n- {}\n",           # no seriesQuery: no backend lists all
            "rules:\n- seriesQuery: 5",  # YAML changes numbers before we look
        ]
        not_seen = [
            "rulez:", "  seriesQuery: 'b'", "x: {resource: node}",  # not in values
            "resource: foo", "group: apps, resource: pod",  # known to a cluster
            "'(a)(b)'",                   # how many groups, no template counts
        ]
        cases = yaml.safe_load((
            paths.CHECKOUT / "tests" / "compat" / "vectors" /
            "prometheus-adapter.yaml").read_text())["config_load"]["cases"]
        compared = 0
        for case in cases:
            text, taken = case["yaml"], case.get("ok", False)
            try:
                written = yaml.safe_load(text) or {}
            except yaml.YAMLError:
                continue
            if not isinstance(written, dict):
                continue
            if any(text.startswith(each) for each in refused_on_purpose):
                taken = False
            if any(each in text for each in not_seen):
                taken = True
            compared += 1
            with self.subTest(case["id"], text=text), \
                    tempfile.NamedTemporaryFile("w", suffix=".yaml") as file:
                yaml.safe_dump(values_of(written), file)
                file.flush()
                try:
                    render(file.name)
                    rendered = True
                except RenderingFailed:
                    rendered = False
                self.assertEqual(rendered, taken)
        self.assertGreater(compared, 25)

    def test_one_source_of_the_certificate(self):
        said = self.refusal("tls.enable=true", "certManager.enabled=true")
        self.assertIn("tls.enable and certManager.enabled", said)

    def test_keys_that_older_charts_had_are_passed_over(self):
        render(settings=["psp.create=true", "runAsUser=10001"])

    def test_the_defaults_and_every_set_fit(self):
        validator = jsonschema.Draft7Validator(SCHEMA)
        jsonschema.Draft7Validator.check_schema(SCHEMA)
        for values in [CHART / "values.yaml", *CHART.glob("ci/*.yaml"),
                       *(folder / "values.yaml" for folder in SETS)]:
            with self.subTest(str(values)):
                problems = validator.iter_errors(
                    yaml.safe_load(values.read_text()) or {})
                self.assertEqual([each.message for each in problems], [])

    def test_every_default_is_described_by_the_schema(self):
        def undescribed(values, schema, path):
            for key, value in values.items():
                known = schema.get("properties", {})
                if key not in known:
                    if "properties" in schema:
                        yield f"{path}{key}"
                elif isinstance(value, dict):
                    yield from undescribed(value, known[key], f"{path}{key}.")
        values = yaml.safe_load((CHART / "values.yaml").read_text())
        self.assertEqual(list(undescribed(values, SCHEMA, "")), [])


if __name__ == "__main__":
    unittest.main()
