{{/* Where the serving certificate comes from. */}}

{{/* "true" if the program is given a certificate; else it makes its own at every start. */}}
{{- define "sextant.hasCertificate" -}}
{{- if or .Values.tls.enable .Values.tls.existingSecret .Values.tls.ownCA.enabled .Values.certManager.enabled }}true{{ end -}}
{{- end -}}

{{- define "sextant.tlsSecret" -}}
{{- .Values.tls.existingSecret | default (include "sextant.fullname" .) -}}
{{- end -}}

{{- define "sextant.checkTls" -}}
{{- $given := list -}}
{{- if .Values.tls.enable }}{{ $given = append $given "tls.enable" }}{{ end -}}
{{- if .Values.tls.existingSecret }}{{ $given = append $given "tls.existingSecret" }}{{ end -}}
{{- if .Values.tls.ownCA.enabled }}{{ $given = append $given "tls.ownCA.enabled" }}{{ end -}}
{{- if .Values.certManager.enabled }}{{ $given = append $given "certManager.enabled" }}{{ end -}}
{{- if gt (len $given) 1 -}}
{{- fail (printf "%s: the certificate comes from one place only; keep one of these keys" (join " and " $given)) -}}
{{- end -}}
{{- end -}}

{{/*
A CA and a certificate of its own, as JSON with ca, crt and key (base64). What the cluster has is kept, so that an upgrade changes nothing
it is deleted; `helm template` and a first install make new ones. The CA's key is thrown away. Made once for all templates of a rendering.
*/}}
{{- define "sextant.ownCertificate" -}}
{{- if not (hasKey .Values.tls.ownCA "made") -}}
{{- $_ := set .Values.tls.ownCA "made" (include "sextant.makeOwnCertificate" .) -}}
{{- end -}}
{{- .Values.tls.ownCA.made -}}
{{- end -}}

{{- define "sextant.makeOwnCertificate" -}}
{{- $fullname := include "sextant.fullname" . -}}
{{- $namespace := include "sextant.namespace" . -}}
{{- $names := list $fullname (printf "%s.%s" $fullname $namespace) (printf "%s.%s.svc" $fullname $namespace) -}}
{{- $found := lookup "v1" "Secret" $namespace $fullname -}}
{{- $data := get ($found | default dict) "data" | default dict -}}
{{- if and (get $data "ca.crt") (get $data "tls.crt") (get $data "tls.key") -}}
{{- dict "ca" (get $data "ca.crt") "crt" (get $data "tls.crt") "key" (get $data "tls.key") | toJson -}}
{{- else -}}
{{- $days := int .Values.tls.ownCA.days -}}
{{- $ca := genCA (printf "%s-ca" $fullname) $days -}}
{{- $certificate := genSignedCert (index $names 2) nil $names $days $ca -}}
{{- dict "ca" ($ca.Cert | b64enc) "crt" ($certificate.Cert | b64enc) "key" ($certificate.Key | b64enc) | toJson -}}
{{- end -}}
{{- end -}}
