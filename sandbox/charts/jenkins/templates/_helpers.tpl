{{- /* Names and labels as in the real chart. */ -}}
{{- define "jenkins.fullname" -}}
{{- $made := contains .Chart.Name .Release.Name | ternary .Release.Name (printf "%s-%s" .Release.Name .Chart.Name) }}
{{- .Values.fullnameOverride | default $made | trunc 63 | trimSuffix "-" }}
{{- end }}

{{- define "jenkins.selector" -}}
app.kubernetes.io/component: {{ .Values.controller.componentName }}
app.kubernetes.io/instance: {{ .Release.Name }}
{{- end }}

{{- define "jenkins.labels" -}}
app.kubernetes.io/name: {{ .Chart.Name }}
app.kubernetes.io/managed-by: {{ .Release.Service }}
{{ include "jenkins.selector" . }}
helm.sh/chart: {{ .Chart.Name }}-{{ .Chart.Version }}
{{- end }}

{{- define "jenkins.metadata" -}}
namespace: {{ .Release.Namespace }}
labels: {{- include "jenkins.labels" . | nindent 2 }}
{{- end }}

{{- define "jenkins.agent.namespace" -}}
{{ tpl (.Values.agent.namespace | default .Release.Namespace) . }}
{{- end }}

{{- define "jenkins.serviceAccountName" -}}
{{ .Values.serviceAccount.name | default (.Values.serviceAccount.create | ternary (include "jenkins.fullname" .) "default") }}
{{- end }}

{{- define "jenkins.serviceAccountAgentName" -}}
{{ .Values.serviceAccountAgent.name | default (.Values.serviceAccountAgent.create | ternary (printf "%s-agent" (include "jenkins.fullname" .)) "default") }}
{{- end }}

{{- define "jenkins.image" -}}
{{- with .Values.controller.image }}
{{- .registry }}/{{ .repository }}:{{ .tag | default (list $.Chart.AppVersion .tagLabel | compact | join "-") }}
{{- end }}
{{- end }}

{{- /* Where it is reached from inside of the cluster. */ -}}
{{- define "jenkins.inside" -}}
http://{{ include "jenkins.fullname" . }}.{{ .Release.Namespace }}.svc.{{ .Values.clusterZone }}:{{ .Values.controller.servicePort }}
{{- end }}

{{- define "jenkins.url" -}}
{{- with .Values.controller }}
{{- if .jenkinsUrl }}
{{- .jenkinsUrl }}
{{- else if .ingress.hostName }}
{{- .ingress.tls | empty | ternary "http" "https" }}://{{ tpl .ingress.hostName $ }}{{ .jenkinsUriPrefix }}
{{- else }}
{{- "http://" }}{{ include "jenkins.fullname" $ }}:{{ .servicePort }}{{ .jenkinsUriPrefix }}
{{- end }}
{{- end }}
{{- end }}

{{- /* Whether there are secrets to mount. */ -}}
{{- define "jenkins.secrets" -}}
{{- with .Values.controller }}{{ if or .existingSecret .additionalExistingSecrets .admin.createSecret }}true{{ end }}{{ end }}
{{- end }}

{{- /* What the sandbox's chart cannot do is refused, not ignored. */ -}}
{{- define "jenkins.check" -}}
{{- with .Values.controller }}
{{- if or .installPlugins .additionalPlugins }}
{{- fail "controller.installPlugins or controller.additionalPlugins is set: the real chart downloads these at every start, the sandbox's jenkins chart cannot. Put plugins into the image, and set installPlugins to false" }}
{{- end }}
{{- if and .admin.createSecret (not .admin.existingSecret) }}
{{- fail "controller.admin.existingSecret is empty: the sandbox's jenkins chart makes no secrets" }}
{{- end }}
{{- end }}
{{- if .Values.checkDeprecation }}
{{- if .Values.master }}{{ fail "`master` does no longer exist. It has been renamed to `controller`" }}{{ end }}
{{- range $old, $new := dict "imageTag" "image.tag" "tag" "image.tag" "tagLabel" "image.tagLabel" "adminSecret" "admin.createSecret" "adminUser" "admin.username" "adminPassword" "admin.password" }}
{{- if hasKey $.Values.controller $old }}{{ fail (printf "`controller.%s` no longer exists. It has been renamed to `controller.%s`" $old $new) }}{{ end }}
{{- end }}
{{- end }}
{{- end }}
