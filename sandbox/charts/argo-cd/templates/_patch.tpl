{{- /* Changes .object in place by .root's values, and prints nothing. */ -}}
{{- define "argo-cd.patch" }}
{{- $kind := .object.kind }}
{{- if eq $kind "ClusterRoleBinding" }}{{ include "argo-cd.patchSubjects" . }}{{ end }}
{{- if eq $kind "CustomResourceDefinition" }}{{ include "argo-cd.patchDefinition" . }}{{ end }}
{{- if eq $kind "ConfigMap" }}{{ include "argo-cd.patchData" . }}{{ end }}
{{- if has $kind (list "Deployment" "StatefulSet") }}{{ include "argo-cd.patchWorkload" . }}{{ end }}
{{- end }}

{{- define "argo-cd.patchSubjects" }}
{{- range .object.subjects }}{{ $_ := set . "namespace" $.root.Release.Namespace }}{{ end }}
{{- end }}

{{- define "argo-cd.patchDefinition" }}
{{- $annotations := merge (dict) .root.Values.crds.annotations (.object.metadata.annotations | default dict) }}
{{- if .root.Values.crds.keep }}{{ $_ := set $annotations "helm.sh/resource-policy" "keep" }}{{ end }}
{{- $_ := set .object.metadata "annotations" $annotations }}
{{- end }}

{{- define "argo-cd.patchData" }}
{{- $configs := .root.Values.configs }}
{{- $values := dig .object.metadata.name dict (dict "argocd-cm" $configs.cm "argocd-cmd-params-cm" $configs.params "argocd-rbac-cm" $configs.rbac) }}
{{- $data := .object.data | default dict }}
{{- if eq .object.metadata.name "argocd-cm" }}{{ $_ := set $data "url" (printf "https://%s" .root.Values.global.domain) }}{{ end }}
{{- range $key, $value := omit $values "create" "annotations" }}
{{- if kindIs "invalid" $value }}{{ $_ := unset $data $key }}{{ else }}{{ $_ := set $data $key (toString $value) }}{{ end }}
{{- end }}
{{- $_ := set .object "data" $data }}
{{- end }}

{{- define "argo-cd.patchWorkload" }}
{{- $values := .root.Values }}
{{- $component := index (dict
  "argocd-application-controller" $values.controller
  "argocd-applicationset-controller" $values.applicationSet
  "argocd-dex-server" $values.dex
  "argocd-notifications-controller" $values.notifications
  "argocd-redis" $values.redis
  "argocd-repo-server" $values.repoServer
  "argocd-server" $values.server) .object.metadata.name }}
{{- $pod := .object.spec.template }}
{{- if hasKey $component "replicas" }}{{ $_ := set .object.spec "replicas" $component.replicas }}{{ end }}
{{- if and (eq .object.metadata.name "argocd-redis") (not $values.redisSecretInit.enabled) }}{{ $_ := unset $pod.spec "initContainers" }}{{ end }}
{{- range concat $pod.spec.containers ($pod.spec.initContainers | default list) }}
{{- include "argo-cd.patchImage" (dict "container" . "root" $.root) }}
{{- end }}
{{- $main := first $pod.spec.containers }}
{{- $_ := set $main "resources" $component.resources }}
{{- if $main.readinessProbe }}
{{- $timing := pick $component.readinessProbe "initialDelaySeconds" "periodSeconds" "timeoutSeconds" "successThreshold" "failureThreshold" }}
{{- $_ := set $main "readinessProbe" (merge $timing $main.readinessProbe) }}
{{- end }}
{{- /* The parameters are environment variables: only new pods see new ones. */}}
{{- $_ := set $pod.metadata "annotations" (dict "checksum/cmd-params" (toJson $values.configs.params | sha256sum)) }}
{{- end }}

{{- define "argo-cd.patchImage" }}
{{- $global := .root.Values.global.image }}
{{- $redis := .root.Values.redis.image }}
{{- if hasPrefix "quay.io/argoproj/argocd:" .container.image }}
{{- $_ := set .container "image" (printf "%s:%v" $global.repository ($global.tag | default .root.Chart.AppVersion)) }}
{{- $_ := set .container "imagePullPolicy" $global.imagePullPolicy }}
{{- else if eq .container.name "redis" }}
{{- $_ := set .container "image" (printf "%s:%v" $redis.repository $redis.tag) }}
{{- $_ := set .container "imagePullPolicy" ($redis.imagePullPolicy | default $global.imagePullPolicy) }}
{{- end }}
{{- end }}
