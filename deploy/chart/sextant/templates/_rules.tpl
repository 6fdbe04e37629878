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
{{- with $rules.backends }}
backends:
{{ toYaml . }}
{{- end }}
{{- if kindIs "map" $rules.stackdriver }}
stackdriver: {{ toJson $rules.stackdriver }}
{{- end }}
{{- end -}}

{{/* Fails for rules that sextant would refuse; `sextant check values.yaml` sees more than a template can. */}}
{{- define "sextant.checkRules" -}}
{{- range $key := list "custom" "external" -}}
{{- $list := printf "rules.%s" $key -}}
{{- with get $.Values.rules $key -}}
{{- if not (kindIs "slice" .) -}}
{{- fail (printf "%s is %s; write a list: each rule begins with \"- seriesQuery: ...\"" $list (include "sextant.kind" .)) -}}
{{- end -}}
{{- range $i, $rule := . -}}
{{- include "sextant.checkRule" (dict "rule" $rule "at" (printf "%s[%d]" $list $i) "root" $) -}}
{{- end -}}
{{- end -}}
{{- end -}}
{{- with .Values.rules.stackdriver -}}
{{- include "sextant.checkMap" (dict "value" . "at" "rules.stackdriver" "known" (list "clusterLabels" "serviceMetrics" "backend")) -}}
{{- end -}}
{{- with .Values.rules.resource -}}
{{- include "sextant.checkMap" (dict "value" . "at" "rules.resource" "known" (list "cpu" "memory" "window" "backend")) -}}
{{- range $key := list "cpu" "memory" -}}
{{- $at := printf "rules.resource.%s" $key -}}
{{- with get $.Values.rules.resource $key -}}
{{- include "sextant.checkMap" (dict "value" . "at" $at "known" (list "containerQuery" "nodeQuery" "resources" "containerLabel")) -}}
{{- range $query := list "containerQuery" "nodeQuery" -}}
{{- include "sextant.checkQuery" (dict "value" (get $.Values.rules.resource $key) "key" $query "at" $at "root" $) -}}
{{- end -}}
{{- include "sextant.checkText" (dict "value" (get . "containerLabel") "at" (printf "%s.containerLabel" $at)) -}}
{{- include "sextant.checkResources" (dict "value" .resources "at" (printf "%s.resources" $at) "root" $) -}}
{{- end -}}
{{- end -}}
{{- end -}}
{{- end -}}

{{/* One rule. Takes a dict: rule, at (where it stands in the values) and root. */}}
{{- define "sextant.checkRule" -}}
{{- $rule := .rule -}}
{{- $at := .at -}}
{{- $root := .root -}}
{{- if not (kindIs "map" $rule) -}}
{{- fail (printf "%s is %s; a rule is a map that begins with \"seriesQuery: ...\"" $at (include "sextant.kind" $rule)) -}}
{{- end -}}
{{- include "sextant.checkMap" (dict "value" $rule "at" $at "known" (list "seriesQuery" "seriesFilters" "resources" "name" "metricsQuery" "nan" "backend")) -}}
{{- if not $rule.seriesQuery -}}
{{- fail (printf "%s.seriesQuery is missing or empty; write the series that the rule is about, such as http_requests_total{pod!=\"\"}" $at) -}}
{{- end -}}
{{- include "sextant.checkText" (dict "value" $rule.seriesQuery "at" (printf "%s.seriesQuery" $at)) -}}
{{- include "sextant.checkQuery" (dict "value" $rule "key" "metricsQuery" "at" $at "root" $root) -}}
{{- if not (has (get $rule "nan" | default "zero") (list "zero" "none")) -}}
{{- fail (printf "%s.nan is %v; write zero or none" $at $rule.nan) -}}
{{- end -}}
{{- with $rule.seriesFilters -}}
{{- if not (kindIs "slice" .) -}}
{{- fail (printf "%s.seriesFilters is %s; write a list such as [{isNot: _bucket$}]" $at (include "sextant.kind" .)) -}}
{{- end -}}
{{- range $i, $filter := . -}}
{{- $here := printf "%s.seriesFilters[%d]" $at $i -}}
{{- include "sextant.checkMap" (dict "value" $filter "at" $here "known" (list "is" "isNot")) -}}
{{- if eq (empty $filter.is) (empty $filter.isNot) -}}
{{- fail (printf "%s has %s of is and isNot; write one" $here (ternary "none" "both" (empty $filter.is))) -}}
{{- end -}}
{{- range $key, $value := $filter -}}
{{- include "sextant.checkRegexp" (dict "value" $value "at" (printf "%s.%s" $here $key) "root" $root) -}}
{{- end -}}
{{- end -}}
{{- end -}}
{{- with $rule.name -}}
{{- include "sextant.checkMap" (dict "value" . "at" (printf "%s.name" $at) "known" (list "matches" "as")) -}}
{{- include "sextant.checkText" (dict "value" .as "at" (printf "%s.name.as" $at)) -}}
{{- include "sextant.checkRegexp" (dict "value" .matches "at" (printf "%s.name.matches" $at) "root" $root) -}}
{{- end -}}
{{- include "sextant.checkResources" (dict "value" $rule.resources "at" (printf "%s.resources" $at) "root" $root) -}}
{{- end -}}

{{- define "sextant.checkResources" -}}
{{- $at := .at -}}
{{- $root := .root -}}
{{- with .value -}}
{{- include "sextant.checkMap" (dict "value" . "at" $at "known" (list "template" "overrides" "namespaced")) -}}
{{- include "sextant.checkTemplate" (dict "value" .template "at" (printf "%s.template" $at) "fields" (list "Group" "Resource") "root" $root) -}}
{{- if and .template (not (contains ".Resource" .template)) -}}
{{- fail (printf "%s.template is %q, which says nothing of the resource; write for example <<.Resource>> or kube_<<.Group>>_<<.Resource>>" $at .template) -}}
{{- end -}}
{{- with .overrides -}}
{{- if not (kindIs "map" .) -}}
{{- fail (printf "%s.overrides is %s; write a map such as {pod: {resource: pod}}" $at (include "sextant.kind" .)) -}}
{{- end -}}
{{- range $label, $override := . -}}
{{- $here := printf "%s.overrides.%s" $at $label -}}
{{- include "sextant.checkMap" (dict "value" ($override | default dict) "at" $here "known" (list "group" "resource")) -}}
{{- if not (get ($override | default dict) "resource") -}}
{{- fail (printf "%s.resource is missing or empty; write what the label names, such as {resource: pod}" $here) -}}
{{- end -}}
{{- end -}}
{{- end -}}
{{- end -}}
{{- end -}}

{{/* A map with none but known keys. */}}
{{- define "sextant.checkMap" -}}
{{- if not (kindIs "map" .value) -}}
{{- fail (printf "%s is %s; write a map with the keys %s" .at (include "sextant.kind" .value) (join ", " .known)) -}}
{{- end -}}
{{- range $key, $_ := .value -}}
{{- if not (has $key $.known) -}}
{{- fail (printf "%s.%s: there is no such key; the keys here are %s" $.at $key (join ", " $.known)) -}}
{{- end -}}
{{- end -}}
{{- end -}}

{{- define "sextant.checkText" -}}
{{- if not (or (kindIs "string" .value) (kindIs "invalid" .value)) -}}
{{- fail (printf "%s is %s; write text, in quotes if it begins with a brace" .at (include "sextant.kind" .value)) -}}
{{- end -}}
{{- end -}}

{{/* A template cannot catch an error, but Helm prints the text that `tpl` could not make sense of: it says where the mistake is. */}}
{{- define "sextant.checkRegexp" -}}
{{- include "sextant.checkText" . -}}
{{- if .value -}}
{{- $_ := tpl (printf "{{ mustRegexMatch (get .regexps %q) \"\" }}" .at) (dict "regexps" (dict .at .value) "Template" .root.Template) -}}
{{- end -}}
{{- end -}}

{{- define "sextant.checkQuery" -}}
{{- $fields := list "Series" "LabelMatchers" "LabelValuesByName" "GroupBy" "GroupBySlice" -}}
{{- include "sextant.checkTemplate" (dict "value" (get .value .key) "at" (printf "%s.%s" .at .key) "fields" $fields "root" .root) -}}
{{- end -}}

{{/*
Go's text/template with << and >> is read by Go's text/template with {{ and }}, never run: `if false`. Braces of the text itself, as PromQL
has them, are made parentheses first.
*/}}
{{- define "sextant.checkTemplate" -}}
{{- include "sextant.checkText" . -}}
{{- with .value -}}
{{- range $field := regexFindAll "<<-?\\s*\\.\\w+\\s*-?>>" . -1 -}}
{{- if not (has (regexFind "\\w+" $field) $.fields) -}}
{{- fail (printf "%s: %s: there is no such field; there are .%s" $.at $field (join ", ." $.fields)) -}}
{{- end -}}
{{- end -}}
{{- $text := . | replace "{" "(" | replace "}" ")" | replace "<<" "{{" | replace ">>" "}}" -}}
{{- $_ := tpl (printf "{{/* %s is no template: */}}{{ if false }}%s{{ end }}" $.at $text) (dict "Template" $.root.Template) -}}
{{- end -}}
{{- end -}}

{{/* What a value is, in the words of YAML. */}}
{{- define "sextant.kind" -}}
{{- $words := dict "string" "text" "map" "a map" "slice" "a list" "bool" "a boolean" "invalid" "nothing" -}}
{{- get $words (kindOf .) | default "a number" -}}
{{- end -}}

{{/* Whether there are rules for a group: "true" or nothing. Takes a dict: root and group (custom, external, resource). */}}
{{- define "sextant.hasRules" -}}
{{- $byName := and (ne .group "resource") (kindIs "map" .root.Values.rules.stackdriver) -}}
{{- if or (get .root.Values.rules .group) $byName (and (eq .group "custom") .root.Values.rules.default) }}true{{ end -}}
{{- end -}}

{{/* Whether a group is registered: the same. */}}
{{- define "sextant.registers" -}}
{{- $wanted := get .root.Values.apiService .group -}}
{{- if kindIs "bool" $wanted -}}
{{- if $wanted }}true{{ end -}}
{{- else -}}
{{- include "sextant.hasRules" . -}}
{{- end -}}
{{- end -}}

{{/* Whether a group is served, and needs its roles, whoever registers it: the same. */}}
{{- define "sextant.serves" -}}
{{- if or (include "sextant.hasRules" .) (include "sextant.registers" .) }}true{{ end -}}
{{- end -}}

{{/*
Rules of a ClusterRole: to get, list and watch what the rules name by resources.overrides. An override may name a resource in the
singular, which RBAC does not know: the plurals that it may have stand beside it. One without a group means the group that has such a
resource; of one that is not Kubernetes' own, a template cannot know it.
*/}}
{{- define "sextant.rightsOfRules" -}}
{{- include "sextant.checkRules" . -}}
{{- $core := list "configmap" "endpoint" "event" "limitrange" "namespace" "node" "persistentvolume" "persistentvolumeclaim" "pod" "replicationcontroller" "resourcequota" "secret" "service" "serviceaccount" -}}
{{- $known := dict "deployment" "apps" "statefulset" "apps" "daemonset" "apps" "replicaset" "apps" "job" "batch" "cronjob" "batch" "ingress" "networking.k8s.io" "ingresse" "networking.k8s.io" "networkpolicy" "networking.k8s.io" "networkpolicie" "networking.k8s.io" "horizontalpodautoscaler" "autoscaling" "poddisruptionbudget" "policy" -}}
{{- range $core }}{{ $_ := set $known . "" }}{{ end -}}
{{- $groups := dict -}}
{{- $lists := concat (.Values.rules.custom | default list) (.Values.rules.external | default list) -}}
{{- range $rule := $lists -}}
{{- $resources := get $rule "resources" | default dict -}}
{{- range $label, $override := (get $resources "overrides" | default dict) -}}
{{- $resource := get $override "resource" | lower -}}
{{- $group := get $override "group" | default "" -}}
{{- if not $group -}}
{{- $singular := ternary $resource (trimSuffix "s" $resource) (hasKey $known $resource) -}}
{{- $group = ternary (get $known $singular) "*" (hasKey $known $singular) -}}
{{- end -}}
{{- $names := list $resource (printf "%ss" $resource) -}}
{{- if hasSuffix "s" $resource -}}
{{- $names = list $resource (printf "%ses" $resource) -}}
{{- else if hasSuffix "y" $resource -}}
{{- $names = append $names (printf "%sies" (trimSuffix "y" $resource)) -}}
{{- end -}}
{{- $_ := set $groups $group (concat (get $groups $group | default list) $names) -}}
{{- end -}}
{{- end -}}
{{- if kindIs "map" .Values.rules.stackdriver -}}
{{- $_ := set $groups "" (concat (get $groups "" | default list) (list "nodes" "pods")) -}}
{{- end -}}
{{- range $group, $names := $groups }}
- apiGroups: [{{ $group | quote }}]
  resources: {{ $names | uniq | sortAlpha | toJson }}
  verbs: [get, list, watch]
{{- end }}
{{- end -}}
