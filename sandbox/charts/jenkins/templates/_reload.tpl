{{- /* The container that puts labelled ConfigMaps into the configuration's folder: arguments are the root, a name, and whether it does so once. */ -}}
{{- define "jenkins.reload" -}}
{{- $root := index . 0 }}
{{- $once := index . 2 }}
{{- with $root.Values.controller.sidecars.configAutoReload -}}
- name: {{ index $ 1 }}
  image: "{{ .image.registry }}/{{ .image.repository }}:{{ .image.tag }}"
  imagePullPolicy: {{ .imagePullPolicy }}
  securityContext: {{- toYaml .containerSecurityContext | nindent 4 }}
  env:
    - name: POD_NAME
      valueFrom:
        fieldRef:
          fieldPath: metadata.name
    - name: LABEL
      value: "{{ include "jenkins.fullname" $root }}-jenkins-config"
    - name: HEALTH_PORT
      value: "{{ .healthPort }}"
    - name: FOLDER
      value: "{{ .folder }}"
    - name: NAMESPACE
      value: "{{ $root.Release.Namespace }}"
    {{- if $once }}
    - name: METHOD
      value: LIST
    {{- else }}
    - name: REQ_URL
      value: "http://localhost:{{ $root.Values.controller.targetPort }}{{ $root.Values.controller.jenkinsUriPrefix }}/reload-configuration-as-code/?casc-reload-token=$(POD_NAME)"
    - name: REQ_METHOD
      value: POST
    - name: REQ_RETRY_CONNECT
      value: "{{ .reqRetryConnect }}"
    {{- end }}
    {{- range .env }}
    {{- if not (and $once (eq .name "METHOD")) }}
    {{- tpl (toYaml (list .)) $root | nindent 4 }}
    {{- end }}
    {{- end }}
  resources: {{- toYaml .resources | nindent 4 }}
  volumeMounts:
    - name: sc-config-volume
      mountPath: {{ .folder | quote }}
    - name: jenkins-home
      mountPath: {{ $root.Values.controller.jenkinsHome }}
    - name: tmp-volume
      mountPath: /tmp
{{- end }}
{{- end }}
