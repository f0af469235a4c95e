{{- /* Names and labels as in the real chart. */ -}}
{{- define "harbor.fullname" -}}
{{- contains .Chart.Name .Release.Name | ternary .Release.Name (printf "%s-%s" .Release.Name .Chart.Name) | trunc 63 | trimSuffix "-" }}
{{- end }}

{{- define "harbor.selector" -}}
app: harbor
release: {{ .Release.Name }}
component: core
{{- end }}

{{- define "harbor.labels" -}}
{{ include "harbor.selector" . }}
chart: {{ .Chart.Name }}
heritage: {{ .Release.Service }}
app.kubernetes.io/name: {{ .Chart.Name }}
app.kubernetes.io/instance: {{ .Release.Name }}
app.kubernetes.io/part-of: harbor
app.kubernetes.io/managed-by: {{ .Release.Service }}
{{- end }}

{{- define "harbor.image" -}}
{{ .Values.core.image.repository }}:{{ .Values.core.image.tag }}
{{- end }}

{{- /* What the sandbox's chart cannot do is refused, not ignored. */ -}}
{{- define "harbor.check" -}}
{{- if ne .Values.expose.type "ingress" }}{{ fail "expose.type is not ingress, the only one that the sandbox's harbor chart knows" }}{{ end }}
{{- if and .Values.expose.tls.enabled (ne .Values.expose.tls.certSource "secret") }}
{{- fail "expose.tls.certSource is not secret, the only one that the sandbox's harbor chart knows" }}
{{- end }}
{{- range $name, $value := dict "existingSecretAdminPassword" .Values.existingSecretAdminPassword "core.secretName" .Values.core.secretName }}
{{- if not $value }}{{ fail (printf "%s is empty: the sandbox's harbor chart makes no secrets" $name) }}{{ end }}
{{- end }}
{{- end }}

{{- define "harbor.mounts" -}}
- name: registry-config
  mountPath: /etc/registry
- name: registry
  mountPath: /storage
- name: database
  mountPath: /data
- name: admin
  mountPath: /run/secrets/admin
  readOnly: true
- name: token
  mountPath: /run/secrets/token
  readOnly: true
{{- end }}

{{- define "harbor.common" -}}
- --data=/data
- --url={{ .Values.externalURL }}
- --registry-url=http://127.0.0.1:5000
- --token-key=/run/secrets/token/tls.key
- --token-cert=/run/secrets/token/tls.crt
{{- end }}

{{- define "harbor.init" -}}
- init
{{ include "harbor.common" . }}
- --registry-config=/etc/registry
- --storage=/storage
{{- end }}

{{- define "harbor.serve" -}}
{{ include "harbor.common" . }}
- --admin-password-file=/run/secrets/admin/{{ .Values.existingSecretAdminPasswordKey }}
- --port=8080
{{- end }}
