"""Where a Helm chart comes from: a leaf that the components share."""

from dataclasses import dataclass
from typing import Any

UPSTREAM = "upstream"


@dataclass(frozen=True, kw_only=True)
class ChartPin:
    """A chart as its publisher offers it."""

    name: str
    version: str
    repository: str


@dataclass(frozen=True, kw_only=True)
class ChartReference:
    """What a Helm release is told: a chart name with its repository, an OCI address, or a directory."""

    chart: str
    version: str | None = None
    repository: str | None = None

    def release_args(self) -> dict[str, Any]:
        """The arguments of `kubernetes.helm.v3.Release` that locate the chart."""
        args: dict[str, Any] = {"chart": self.chart}
        if self.version is not None:
            args["version"] = self.version
        if self.repository is not None:
            args["repository_opts"] = {"repo": self.repository}
        return args


def locate(pin: ChartPin, source: str) -> ChartReference:
    """Find a pinned chart in a source.

    `source` is "upstream" (the publisher's repository), an OCI prefix (`oci://registry/path`), or a directory that
    holds one folder a chart. A directory states its own version, so the pin's is not asked for there.
    """
    if source == UPSTREAM:
        return ChartReference(chart=pin.name, version=pin.version, repository=pin.repository)
    location = f"{source.rstrip('/')}/{pin.name}"
    return ChartReference(chart=location, version=pin.version if is_oci(source) else None)


def is_oci(source: str) -> bool:
    """Whether the source is an OCI registry."""
    return source.startswith("oci://")


def is_directory(source: str) -> bool:
    """Whether the source is a directory on this machine."""
    return source != UPSTREAM and not is_oci(source)
