{{/* Names and labels: those of the prometheus-adapter chart, so that nameOverride=prometheus-adapter takes over its objects. */}}

{{- define "sextant.name" -}}
{{- default .Chart.Name .Values.nameOverride | trunc 63 | trimSuffix "-" -}}
{{- end -}}

{{- define "sextant.fullname" -}}
{{- if .Values.fullnameOverride -}}
{{- .Values.fullnameOverride | trunc 63 | trimSuffix "-" -}}
{{- else -}}
{{- $name := default .Chart.Name .Values.nameOverride -}}
{{- if contains $name .Release.Name -}}
{{- .Release.Name | trunc 63 | trimSuffix "-" -}}
{{- else -}}
{{- printf "%s-%s" .Release.Name $name | trunc 63 | trimSuffix "-" -}}
{{- end -}}
{{- end -}}
{{- end -}}

{{- define "sextant.namespace" -}}
{{- default .Release.Namespace .Values.namespaceOverride -}}
{{- end -}}

{{- define "sextant.serviceAccountName" -}}
{{- if .Values.serviceAccount.create -}}
{{- default (include "sextant.fullname" .) .Values.serviceAccount.name -}}
{{- else -}}
{{- default "default" .Values.serviceAccount.name -}}
{{- end -}}
{{- end -}}

{{/* What a selector names may never change, as a Deployment's selector is immutable. */}}
{{- define "sextant.selectorLabels" -}}
app.kubernetes.io/name: {{ include "sextant.name" . }}
app.kubernetes.io/instance: {{ .Release.Name }}
{{- end -}}

{{/* A key of customLabels replaces one of ours, never stands beside it; what selectors name stays. */}}
{{- define "sextant.labels" -}}
{{- $labels := dict "helm.sh/chart" (printf "%s-%s" .Chart.Name .Chart.Version | replace "+" "_" | trunc 63 | trimSuffix "-") -}}
{{- $_ := set $labels "app.kubernetes.io/managed-by" .Release.Service -}}
{{- $_ := set $labels "app.kubernetes.io/component" "metrics" -}}
{{- $_ := set $labels "app.kubernetes.io/part-of" (include "sextant.name" .) -}}
{{- $_ := set $labels "app.kubernetes.io/version" .Chart.AppVersion -}}
{{- toYaml (merge (include "sextant.selectorLabels" . | fromYaml) (.Values.customLabels | default dict) $labels) -}}
{{- end -}}

{{/* metadata of an object. Takes a dict: root, name, and of choice namespace, annotations and labels. */}}
{{- define "sextant.metadata" -}}
{{- $annotations := merge (dict) (.annotations | default dict) (.root.Values.customAnnotations | default dict) -}}
name: {{ .name }}
{{- with .namespace }}
namespace: {{ . }}
{{- end }}
labels:
  {{- toYaml (merge (dict) (.labels | default dict) (include "sextant.labels" .root | fromYaml)) | nindent 2 }}
{{- with $annotations }}
annotations:
  {{- toYaml . | nindent 2 }}
{{- end }}
{{- end -}}

{{/* subjects of a binding to the program's own ServiceAccount. */}}
{{- define "sextant.subjects" -}}
- kind: ServiceAccount
  name: {{ include "sextant.serviceAccountName" . }}
  namespace: {{ include "sextant.namespace" . | quote }}
{{- end -}}

{{- define "sextant.image" -}}
{{- if .Values.image.digest -}}
{{- printf "%s@%s" .Values.image.repository .Values.image.digest -}}
{{- else -}}
{{- printf "%s:%v" .Values.image.repository (.Values.image.tag | default .Chart.AppVersion) -}}
{{- end -}}
{{- end -}}
