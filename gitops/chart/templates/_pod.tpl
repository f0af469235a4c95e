{{/* The pod's specification; restricted Pod Security: https://kubernetes.io/docs/concepts/security/pod-security-standards/ */}}
{{- define "app.pod" -}}
{{- $settings := include "app.settings" . | fromYaml -}}
{{- with $settings -}}
serviceAccountName: {{ $.Release.Name }}
automountServiceAccountToken: false
enableServiceLinks: false
terminationGracePeriodSeconds: {{ .terminationGracePeriodSeconds }}
securityContext:
  runAsNonRoot: true
  runAsUser: {{ int64 .runAsUser }}
  fsGroup: {{ int64 .runAsUser }}
  seccompProfile:
    type: RuntimeDefault
containers:
  - name: app
    image: {{ include "app.image" $ | quote }}
    imagePullPolicy: {{ .image.pullPolicy }}
    {{- with .command }}
    command: {{ toJson . }}
    {{- end }}
    {{- with .args }}
    args: {{ toJson . }}
    {{- end }}
    ports:
      - name: http
        containerPort: {{ .port }}
      {{- range .service.extraPorts }}
      - name: {{ .name }}
        containerPort: {{ .port }}
        protocol: {{ .protocol | default "TCP" }}
      {{- end }}
    env:
      {{- range $name, $value := merge .env (dict "PORT" (toString .port) "APP_VERSION" .image.tag) }}
      - name: {{ $name | quote }}
        value: {{ $value | quote }}
      {{- end }}
      {{- range .envFrom }}
      - name: {{ .name | quote }}
        valueFrom:
          {{ ternary "secretKeyRef" "configMapKeyRef" (hasKey . "secret") }}:
            name: {{ .secret | default .configMap | quote }}
            key: {{ .key | quote }}
      {{- end }}
    {{- with .probes.startup }}
    startupProbe: {{ toJson . }}
    {{- end }}
    {{- with .probes.readiness }}
    readinessProbe: {{ toJson . }}
    {{- end }}
    {{- with .probes.liveness }}
    livenessProbe: {{ toJson . }}
    {{- end }}
    {{- if gt (int .drainSeconds) 0 }}
    lifecycle:
      preStop:
        sleep:
          seconds: {{ .drainSeconds }}
    {{- end }}
    resources: {{ toJson .resources }}
    securityContext:
      allowPrivilegeEscalation: false
      readOnlyRootFilesystem: {{ .readOnlyRootFilesystem }}
      capabilities:
        drop: [ALL]
    volumeMounts:
      - name: tmp
        mountPath: /tmp
      {{- range .volumes }}
      - {{ pick . "name" "mountPath" "readOnly" "subPath" | toJson }}
      {{- end }}
volumes:
  - name: tmp
    emptyDir: {}
  {{- range .volumes }}
  - {{ omit . "mountPath" "readOnly" "subPath" | toJson }}
  {{- end }}
{{- with .nodeSelector }}
nodeSelector: {{ toJson . }}
{{- end }}
{{- with .tolerations }}
tolerations: {{ toJson . }}
{{- end }}
{{- with .topologySpreadConstraints }}
topologySpreadConstraints: {{ toJson . }}
{{- end }}
{{- end -}}
{{- end -}}
