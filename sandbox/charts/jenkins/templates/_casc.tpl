{{- /* Configuration as code, as the real chart writes it. */ -}}
{{- define "jenkins.casc.defaults" -}}
{{- $scripts := toYaml .Values.controller.JCasC.configScripts }}
{{- with .Values.controller -}}
jenkins:
  {{- if and .JCasC.authorizationStrategy (not (contains "authorizationStrategy:" $scripts)) }}
  authorizationStrategy: {{- tpl .JCasC.authorizationStrategy $ | nindent 4 }}
  {{- end }}
  {{- if and .JCasC.securityRealm (not (contains "securityRealm:" $scripts)) }}
  securityRealm: {{- tpl .JCasC.securityRealm $ | nindent 4 }}
  {{- end }}
  disableRememberMe: {{ .disableRememberMe }}
  mode: {{ .executorMode }}
  numExecutors: {{ .numExecutors }}
  labelString: ""
  {{- if .projectNamingStrategy }}
  projectNamingStrategy: {{ kindIs "string" .projectNamingStrategy | ternary (quote .projectNamingStrategy) (toYaml .projectNamingStrategy | nindent 4) }}
  {{- end }}
  markupFormatter: {{- toYaml .markupFormatter | nindent 4 }}
  clouds: {{- include "jenkins.casc.cloud" $ | nindent 2 }}
  slaveAgentPort: {{ .agentListenerPort }}
security: {{- toYaml .JCasC.security | nindent 2 }}
unclassified:
  location:
    url: {{ include "jenkins.url" $ }}
{{- end }}
{{- end }}

{{- define "jenkins.casc.cloud" -}}
{{- with .Values.agent -}}
- kubernetes:
    containerCapStr: "{{ .containerCap }}"
    defaultsProviderTemplate: "{{ .defaultsProviderTemplate }}"
    connectTimeout: "{{ .kubernetesConnectTimeout }}"
    readTimeout: "{{ .kubernetesReadTimeout }}"
    jenkinsUrl: "{{ tpl (.jenkinsUrl | default (printf "%s%s" (include "jenkins.inside" $) ($.Values.controller.jenkinsUriPrefix | default ""))) $ }}"
    {{- if .websocket }}
    webSocket: true
    {{- else }}
    jenkinsTunnel: "{{ tpl (.jenkinsTunnel | default (printf "%s-agent.%s.svc.%s:%v" (include "jenkins.fullname" $) $.Release.Namespace $.Values.clusterZone $.Values.controller.agentListenerPort)) $ }}"
    {{- end }}
    skipTlsVerify: {{ .skipTlsVerify }}
    usageRestricted: {{ .usageRestricted }}
    maxRequestsPerHostStr: {{ .maxRequestsPerHostStr | quote }}
    retentionTimeout: {{ .retentionTimeout | quote }}
    waitForPodSec: {{ .waitForPodSec | quote }}
    name: "{{ $.Values.controller.cloudName }}"
    namespace: "{{ include "jenkins.agent.namespace" $ }}"
    restrictedPssSecurityContext: {{ .restrictedPssSecurityContext }}
    serverUrl: "{{ $.Values.kubernetesURL }}"
    addMasterProxyEnvVars: false
    credentialsId: ""
    {{- if .enabled }}
    podLabels:
    - key: "jenkins/{{ $.Release.Name }}-{{ .componentName }}"
      value: "true"
    {{- range $key, $value := .podLabels }}
    - key: {{ $key | quote }}
      value: {{ $value | quote }}
    {{- end }}
    templates:
    {{- if not .disableDefaultAgent }}
    {{- include "jenkins.casc.podTemplate" $ | nindent 6 }}
    {{- end }}
    {{- range .podTemplates }}
    {{- tpl . $ | nindent 6 }}
    {{- end }}
    {{- end }}
{{- end }}
{{- end }}

{{- define "jenkins.casc.podTemplate" -}}
{{- with .Values.agent -}}
- name: "{{ .podName }}"
  namespace: "{{ include "jenkins.agent.namespace" $ }}"
  id: {{ sha256sum (toYaml .) }}
  containers:
  - name: "{{ .sideContainerName }}"
    alwaysPullImage: {{ .alwaysPullImage }}
    args: "{{ .args | replace "$" "^$" }}"
    envVars:
      - envVar:
          key: "JENKINS_URL"
          value: {{ tpl (.jenkinsUrl | default (printf "%s%s" (include "jenkins.inside" $) ($.Values.controller.jenkinsUriPrefix | default "/"))) $ | quote }}
    image: "{{ with .image.registry }}{{ . }}/{{ end }}{{ .image.repository }}:{{ .image.tag }}"
    privileged: "{{ .privileged }}"
    resourceLimitCpu: {{ .resources.limits.cpu }}
    resourceLimitMemory: {{ .resources.limits.memory }}
    resourceRequestCpu: {{ .resources.requests.cpu }}
    resourceRequestMemory: {{ .resources.requests.memory }}
    ttyEnabled: {{ .TTYEnabled }}
    workingDir: {{ .workingDir }}
  idleMinutes: {{ .idleMinutes }}
  instanceCap: {{ int .instanceCap }}
  {{- with .imagePullSecretName }}
  imagePullSecrets:
  - name: {{ . }}
  {{- end }}
  label: "{{ $.Release.Name }}-{{ .componentName }} {{ .customJenkinsLabels | join " " }}"
  nodeUsageMode: {{ quote .nodeUsageMode }}
  podRetention: {{ .podRetention }}
  showRawYaml: {{ .showRawYaml }}
  {{- if or .useDefaultServiceAccount .serviceAccount }}
  serviceAccount: "{{ .serviceAccount | default (include "jenkins.serviceAccountAgentName" $) }}"
  {{- end }}
  slaveConnectTimeoutStr: "{{ .connectTimeout }}"
  yamlMergeStrategy: {{ .yamlMergeStrategy }}
  inheritYamlMergeStrategy: {{ .inheritYamlMergeStrategy }}
{{- end }}
{{- end }}
