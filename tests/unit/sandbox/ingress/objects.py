"""Small Kubernetes objects to route between."""

from sandbox.images.ingress.controller.routes import Object


def ingress(name: str = "web", *, namespace: str = "shop", created: str = "2026-01-01T00:00:00Z", **spec: object) -> Object:
    metadata = {"name": name, "namespace": namespace, "creationTimestamp": created, "annotations": {}}
    return {"metadata": metadata, "spec": spec}


def rule(host: str = "shop.test", path: str = "/", path_type: str = "Prefix", service: str = "web", port: object = 80) -> Object:
    backend = {"service": {"name": service, "port": {"name" if isinstance(port, str) else "number": port}}}
    return {"host": host, "http": {"paths": [{"path": path, "pathType": path_type, "backend": backend}]}}


def service(name: str = "web", namespace: str = "shop") -> Object:
    spec = {"type": "ClusterIP", "clusterIP": "10.96.0.7", "ports": [{"name": "http", "port": 80, "targetPort": "web"}]}
    return {"metadata": {"name": name, "namespace": namespace}, "spec": spec}


def slice_of(*addresses: str, name: str = "web", namespace: str = "shop", ready: bool | None = True) -> Object:
    return {
        "metadata": {"name": f"{name}-x", "namespace": namespace, "labels": {"kubernetes.io/service-name": name}},
        "endpoints": [{"addresses": [address], "conditions": {"ready": ready}} for address in addresses],
        "ports": [{"name": "http", "port": 8000}],
    }
