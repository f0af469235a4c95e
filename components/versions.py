"""Every chart and image that the program pins. The markers let Renovate propose updates (https://docs.renovatebot.com)."""

from components.chart import ChartPin

# renovate: datasource=helm depName=argo-cd registryUrl=https://argoproj.github.io/argo-helm
ARGO_CD = ChartPin(name="argo-cd", version="10.1.1", repository="https://argoproj.github.io/argo-helm")

# The last release line of ingress-nginx: https://kubernetes.io/blog/2025/11/11/ingress-nginx-retirement/
# renovate: datasource=helm depName=ingress-nginx registryUrl=https://kubernetes.github.io/ingress-nginx
INGRESS_NGINX = ChartPin(name="ingress-nginx", version="4.15.1", repository="https://kubernetes.github.io/ingress-nginx")

# renovate: datasource=helm depName=harbor registryUrl=https://helm.goharbor.io
HARBOR = ChartPin(name="harbor", version="1.19.1", repository="https://helm.goharbor.io")

CHARTS = (ARGO_CD, INGRESS_NGINX, HARBOR)
