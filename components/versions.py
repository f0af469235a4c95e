"""Every chart and image that the program pins. The markers let Renovate propose updates (https://docs.renovatebot.com)."""

from components.chart import ChartPin

# renovate: datasource=helm depName=argo-cd registryUrl=https://argoproj.github.io/argo-helm
ARGO_CD = ChartPin(name="argo-cd", version="10.1.1", repository="https://argoproj.github.io/argo-helm")

# The last release line of ingress-nginx: https://kubernetes.io/blog/2025/11/11/ingress-nginx-retirement/
# renovate: datasource=helm depName=ingress-nginx registryUrl=https://kubernetes.github.io/ingress-nginx
INGRESS_NGINX = ChartPin(name="ingress-nginx", version="4.15.1", repository="https://kubernetes.github.io/ingress-nginx")

# renovate: datasource=helm depName=harbor registryUrl=https://helm.goharbor.io
HARBOR = ChartPin(name="harbor", version="1.19.1", repository="https://helm.goharbor.io")

# renovate: datasource=helm depName=jenkins registryUrl=https://charts.jenkins.io
JENKINS = ChartPin(name="jenkins", version="5.9.53", repository="https://charts.jenkins.io")

CHARTS = (ARGO_CD, INGRESS_NGINX, HARBOR, JENKINS)

# What the platform's own images begin with; the chart's own versions.
# renovate: datasource=docker depName=jenkins/jenkins
JENKINS_CONTROLLER = "docker.io/jenkins/jenkins:2.568.2-jdk21"
# renovate: datasource=docker depName=jenkins/inbound-agent
JENKINS_AGENT = "docker.io/jenkins/inbound-agent:3385.vf1123fb_515da_-1"

# Checks values before a release is committed.
# renovate: datasource=docker depName=alpine/helm
HELM = "docker.io/alpine/helm:3.19.0"
