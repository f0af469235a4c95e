{{- /* Argo CD finds its objects by fixed names, so only the release that the real chart would name the same is possible. */ -}}
{{- define "argo-cd.checkName" -}}
{{- $name := .Values.fullnameOverride | default (contains .Values.nameOverride .Release.Name | ternary .Release.Name (printf "%s-%s" .Release.Name .Values.nameOverride)) }}
{{- if ne $name "argocd" }}
{{- fail (printf "objects would be named %q, and this chart can only name them \"argocd\": name the release argocd, or set fullnameOverride to argocd" $name) }}
{{- end }}
{{- end }}

{{- /* Not empty if the values ask for this object. */ -}}
{{- define "argo-cd.wanted" -}}
{{- $name := .object.metadata.name }}
{{- $values := .root.Values }}
{{- $switches := dict
  "argocd-cm" $values.configs.cm.create
  "argocd-cmd-params-cm" $values.configs.params.create
  "argocd-rbac-cm" $values.configs.rbac.create
  "argocd-secret" $values.configs.secret.createSecret }}
{{- $wanted := dig $name true $switches }}
{{- if hasPrefix "argocd-dex-server" $name }}{{ $wanted = $values.dex.enabled }}{{ end }}
{{- if hasPrefix "argocd-notifications-" $name }}{{ $wanted = $values.notifications.enabled }}{{ end }}
{{- if eq .object.kind "CustomResourceDefinition" }}{{ $wanted = $values.crds.install }}{{ end }}
{{- if eq .object.kind "NetworkPolicy" }}{{ $wanted = and $wanted $values.global.networkPolicy.create }}{{ end }}
{{- if $wanted }}yes{{ end }}
{{- end }}
