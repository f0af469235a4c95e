"""An ingress controller: Debian's nginx, configured from Ingress objects the way ingress-nginx does it."""
