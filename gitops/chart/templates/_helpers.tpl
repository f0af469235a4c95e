{{/* The settings: defaults.yaml with values.yaml over it; a probe is replaced, not merged, since it has one handler. Nothing in them is a template. */}}
{{- define "app.settings" -}}
{{- $settings := mergeOverwrite (.Files.Get "defaults.yaml" | fromYaml) (deepCopy .Values) -}}
{{- range $name, $probe := .Values.probes -}}
{{- $_ := set $settings.probes $name $probe -}}
{{- end -}}
{{- $settings | toYaml -}}
{{- end -}}

{{/* Labels by which Deployments select: all pods of the application, and those of one colour. */}}
{{- define "app.selector" -}}
app.kubernetes.io/instance: {{ .Release.Name }}
{{- end -}}

{{- define "app.labels" -}}
{{- $settings := include "app.settings" . | fromYaml -}}
{{ include "app.selector" . }}
app.kubernetes.io/name: {{ $settings.appName | default .Release.Name | quote }}
app.kubernetes.io/version: {{ $settings.image.tag | trunc 63 | trimAll "-_." | quote }}
app.kubernetes.io/managed-by: {{ .Release.Service }}
{{- end -}}

{{/* What tells a Deployment's pods apart: `rolling`, or a digest of all that a new colour is new by. */}}
{{- define "app.colour" -}}
{{- $settings := include "app.settings" . | fromYaml -}}
{{- if eq $settings.strategy "blueGreen" -}}
c{{ printf "%s%s%s" (include "app.pod" .) (toJson $settings.podLabels) (toJson $settings.podAnnotations) | sha256sum | trunc 8 }}
{{- else -}}
rolling
{{- end -}}
{{- end -}}

{{/* Name of the Deployment, and of what scales it. */}}
{{- define "app.deployment" -}}
{{- $colour := include "app.colour" . -}}
{{- if eq $colour "rolling" -}}
{{ .Release.Name }}
{{- else -}}
{{ printf "%s-%s" .Release.Name $colour }}
{{- end -}}
{{- end -}}

{{/* A Service's name begins with a letter, a user id need not: https://www.rfc-editor.org/rfc/rfc1035#section-2.3.1 */}}
{{- define "app.service" -}}
{{- if regexMatch "^[0-9]" .Release.Name -}}
app-{{ .Release.Name }}
{{- else -}}
{{ .Release.Name }}
{{- end -}}
{{- end -}}

{{/* The image, by digest where one is known. */}}
{{- define "app.image" -}}
{{- with (include "app.settings" . | fromYaml).image -}}
{{- printf "%s:%s" .repository .tag -}}
{{- with .digest -}}@{{ . }}{{- end -}}
{{- end -}}
{{- end -}}
