{{/* What the rules are, and what is wrong with them as far as a template can see. */}}

{{/* The six default rules: cumulative container metrics as rates, other container metrics, then everything with a namespace. */}}
{{- define "sextant.defaultRules" -}}
- seriesQuery: '{__name__=~"^container_.*",container!="POD",namespace!="",pod!=""}'
  seriesFilters: []
  resources:
    overrides:
      namespace: {resource: namespace}
      pod: {resource: pod}
  name:
    matches: ^container_(.*)_seconds_total$
    as: ""
  metricsQuery: sum(rate(<<.Series>>{<<.LabelMatchers>>,container!="POD"}[5m])) by (<<.GroupBy>>)
- seriesQuery: '{__name__=~"^container_.*",container!="POD",namespace!="",pod!=""}'
  seriesFilters:
    - isNot: ^container_.*_seconds_total$
  resources:
    overrides:
      namespace: {resource: namespace}
      pod: {resource: pod}
  name:
    matches: ^container_(.*)_total$
    as: ""
  metricsQuery: sum(rate(<<.Series>>{<<.LabelMatchers>>,container!="POD"}[5m])) by (<<.GroupBy>>)
- seriesQuery: '{__name__=~"^container_.*",container!="POD",namespace!="",pod!=""}'
  seriesFilters:
    - isNot: ^container_.*_total$
  resources:
    overrides:
      namespace: {resource: namespace}
      pod: {resource: pod}
  name:
    matches: ^container_(.*)$
    as: ""
  metricsQuery: sum(<<.Series>>{<<.LabelMatchers>>,container!="POD"}) by (<<.GroupBy>>)
- seriesQuery: '{namespace!="",__name__!~"^container_.*"}'
  seriesFilters:
    - isNot: .*_total$
  resources:
    template: <<.Resource>>
  name:
    matches: ""
    as: ""
  metricsQuery: sum(<<.Series>>{<<.LabelMatchers>>}) by (<<.GroupBy>>)
- seriesQuery: '{namespace!="",__name__!~"^container_.*"}'
  seriesFilters:
    - isNot: .*_seconds_total
  resources:
    template: <<.Resource>>
  name:
    matches: ^(.*)_total$
    as: ""
  metricsQuery: sum(rate(<<.Series>>{<<.LabelMatchers>>}[5m])) by (<<.GroupBy>>)
- seriesQuery: '{namespace!="",__name__!~"^container_.*"}'
  seriesFilters: []
  resources:
    template: <<.Resource>>
  name:
    matches: ^(.*)_seconds_total$
    as: ""
  metricsQuery: sum(rate(<<.Series>>{<<.LabelMatchers>>}[5m])) by (<<.GroupBy>>)
{{- end -}}

{{/* config.yaml: what `--config` reads. Empty without any rule. */}}
{{- define "sextant.config" -}}
{{- include "sextant.checkRules" . -}}
{{- $rules := .Values.rules -}}
{{- if or $rules.default $rules.custom }}
rules:
{{- if $rules.default }}
{{ include "sextant.defaultRules" . }}
{{- end }}
{{- with $rules.custom }}
{{ toYaml . }}
{{- end }}
{{- end }}
{{- with $rules.external }}
externalRules:
{{ toYaml . }}
{{- end }}
{{- with $rules.resource }}
resourceRules:
{{ toYaml . | indent 2 }}
{{- end }}
{{- end -}}

{{/* Fails for rules that sextant would refuse; `sextant check values.yaml` sees more than a template can. */}}
{{- define "sextant.checkRules" -}}
{{- include "sextant.checkList" (dict "rules" .Values.rules.custom "key" "rules.custom") -}}
{{- include "sextant.checkList" (dict "rules" .Values.rules.external "key" "rules.external") -}}
{{- with .Values.rules.resource -}}
{{- if not (kindIs "map" .) -}}
{{- fail (printf "rules.resource is a %s; write a map with the keys cpu, memory and window" (kindOf .)) -}}
{{- end -}}
{{- range $key, $value := . -}}
{{- if not (has $key (list "cpu" "memory" "window")) -}}
{{- fail (printf "rules.resource.%s: there is no such key; cpu, memory and window are" $key) -}}
{{- end -}}
{{- end -}}
{{- end -}}
{{- end -}}

{{- define "sextant.checkList" -}}
{{- $known := list "seriesQuery" "seriesFilters" "resources" "name" "metricsQuery" -}}
{{- $list := .key -}}
{{- with .rules -}}
{{- if not (kindIs "slice" .) -}}
{{- fail (printf "%s is a %s; write a list: each rule begins with \"- seriesQuery: ...\"" $list (kindOf .)) -}}
{{- end -}}
{{- range $i, $rule := . -}}
{{- $at := printf "%s[%d]" $list $i -}}
{{- if not (kindIs "map" $rule) -}}
{{- fail (printf "%s is a %s; a rule is a map with the keys %s" $at (kindOf $rule) (join ", " $known)) -}}
{{- end -}}
{{- range $key, $value := $rule -}}
{{- if not (has $key $known) -}}
{{- fail (printf "%s.%s: a rule has no such key; its keys are %s" $at $key (join ", " $known)) -}}
{{- end -}}
{{- end -}}
{{- if not $rule.seriesQuery -}}
{{- fail (printf "%s.seriesQuery is missing or empty; write the series that the rule is about, such as http_requests_total{pod!=\"\"}" $at) -}}
{{- end -}}
{{- range $key := list "seriesQuery" "metricsQuery" -}}
{{- $text := get $rule $key -}}
{{- if not (or (kindIs "string" $text) (kindIs "invalid" $text)) -}}
{{- fail (printf "%s.%s is a %s; write text, in quotes if it begins with a brace" $at $key (kindOf $text)) -}}
{{- end -}}
{{- end -}}
{{- end -}}
{{- end -}}
{{- end -}}

{{/* Whether a group is registered: "true" or nothing. Takes a dict: root and group (custom, external, resource). */}}
{{- define "sextant.serves" -}}
{{- $rules := .root.Values.rules -}}
{{- $wanted := get .root.Values.apiService .group -}}
{{- if kindIs "bool" $wanted -}}
{{- if $wanted }}true{{ end -}}
{{- else if eq .group "custom" -}}
{{- if or $rules.default $rules.custom }}true{{ end -}}
{{- else if get $rules .group -}}
true
{{- end -}}
{{- end -}}

{{/*
Rules of a ClusterRole: to get, list and watch what the rules name by resources.overrides. An override may name a resource in the
singular, which RBAC does not know: the plurals that it may have stand beside it.
*/}}
{{- define "sextant.rightsOfRules" -}}
{{- $groups := dict -}}
{{- $lists := concat (.Values.rules.custom | default list) (.Values.rules.external | default list) -}}
{{- range $rule := $lists -}}
{{- $resources := get $rule "resources" | default dict -}}
{{- range $label, $override := (get $resources "overrides" | default dict) -}}
{{- $resource := get $override "resource" | default "" -}}
{{- if $resource -}}
{{- $group := get $override "group" | default "" -}}
{{- $names := list $resource (printf "%ss" $resource) -}}
{{- if hasSuffix "s" $resource -}}
{{- $names = list $resource (printf "%ses" $resource) -}}
{{- else if hasSuffix "y" $resource -}}
{{- $names = append $names (printf "%sies" (trimSuffix "y" $resource)) -}}
{{- end -}}
{{- $_ := set $groups $group (concat (get $groups $group | default list) $names) -}}
{{- end -}}
{{- end -}}
{{- end -}}
{{- range $group, $names := $groups }}
- apiGroups: [{{ $group | quote }}]
  resources: {{ $names | uniq | sortAlpha | toJson }}
  verbs: [get, list, watch]
{{- end }}
{{- end -}}
