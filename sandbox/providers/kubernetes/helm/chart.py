"""What a release consists of: the files of a local chart, and the names of its objects."""

from collections.abc import Iterable
from hashlib import sha256
from pathlib import Path

from sandbox.providers.plugin import Properties


def checksum(chart: str) -> str | None:
    """Return a checksum of a local chart, so that an edited one is upgraded; None where the chart is not local."""
    path = Path(chart)
    if not path.exists():
        return None
    files = [path] if path.is_file() else sorted(entry for entry in path.rglob("*") if entry.is_file())
    digest = sha256()
    for file in files:
        digest.update(f"{file.relative_to(path) if path.is_dir() else file.name}\0".encode())
        digest.update(sha256(file.read_bytes()).digest())
    return digest.hexdigest()


def resource_names(objects: Iterable[Properties]) -> dict[str, list[str]]:
    """Return the names of objects by kind, as the official provider writes both: `Deployment.apps/apps/v1`: `namespace/name`."""
    found: dict[str, set[str]] = {}
    for item in objects:
        group = str(item["apiVersion"]).rpartition("/")[0]
        kind = f"{item['kind']}.{group}" if group else str(item["kind"])
        metadata = item.get("metadata") or {}
        name = f"{metadata['namespace']}/{metadata['name']}" if metadata.get("namespace") else str(metadata.get("name"))
        found.setdefault(f"{kind}/{item['apiVersion']}", set()).add(name)
    return {kind: sorted(names) for kind, names in sorted(found.items())}
