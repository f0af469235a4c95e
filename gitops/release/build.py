"""Images from Dockerfiles, by buildah, in the container that holds no credential: what a Dockerfile runs finds none."""

import os
import re
import tempfile
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from gitops.release.errors import RefusedError
from gitops.release.process import ProgramFailedError, stream

SECONDS = 2400.0
NAME = "localhost/application"
PASSED = (
    *("PATH", "HOME", "SSL_CERT_DIR", "SSL_CERT_FILE", "STORAGE_DRIVER", "BUILDAH_ISOLATION"),
    *("HTTP_PROXY", "HTTPS_PROXY", "NO_PROXY", "http_proxy", "https_proxy", "no_proxy"),
)
AUTHORITIES = "authorities"
"""Id of the secret with which a Dockerfile can mount the authorities that the platform trusts, while it builds."""
SYSTEM_AUTHORITIES = "/etc/ssl/certs/ca-certificates.crt"


@dataclass(frozen=True, kw_only=True)
class Build:
    """context: folder of the source code. dockerfile, ignore: the two files of the build. mirror: host and project through which images of
    docker.io come; None for docker.io itself. labels: of the image. layers: whether what each step leaves is kept for a further build,
    which costs a copy of everything a step."""

    context: Path
    dockerfile: Path
    ignore: Path
    mirror: str | None = None
    labels: Sequence[str] = ()
    layers: bool = True

    def stage(self, target: str) -> None:
        """Build one stage, which is all that is wanted of it. Raises RefusedError with the step that failed."""
        with _registries(self.mirror) as environment:
            self._build(environment, "--target", target)

    def image(self, archive: Path) -> None:
        """Build the image, and leave it as an OCI archive. Raises RefusedError with the step that failed."""
        with _registries(self.mirror) as environment:
            self._build(environment, *(part for label in self.labels for part in ("--label", label)))
            archive.parent.mkdir(parents=True, exist_ok=True)
            archive.unlink(missing_ok=True)
            _buildah(environment, "push", "--quiet", NAME, f"oci-archive:{archive.absolute()}")

    def _build(self, environment: dict[str, str], *further: str) -> None:
        authorities = os.environ.get("SLIPWAY_CA_BUNDLE") or SYSTEM_AUTHORITIES
        secret = ["--secret", f"id={AUTHORITIES},src={authorities}"] if Path(authorities).is_file() else []
        files = ["--file", str(self.dockerfile.absolute()), "--ignorefile", str(self.ignore.absolute())]
        _buildah(
            environment,
            "build",
            f"--layers={str(self.layers).lower()}",
            "--tag",
            NAME,
            *files,
            *secret,
            *further,
            str(self.context.absolute()),
        )


def _buildah(environment: dict[str, str], *arguments: str) -> None:
    try:
        stream(["buildah", *arguments], folder=Path("/"), environment=environment, seconds=SECONDS)
    except ProgramFailedError as error:
        raise RefusedError(
            f"{_reason(str(error))}\nNext: see the log above; `docker build` with the same Dockerfile shows the same."
        ) from None


def _reason(said: str) -> str:
    """The one line of buildah's output that tells what failed: https://github.com/containers/buildah/blob/main/imagebuildah/stage_executor.go"""
    lines = [line.strip() for line in said.splitlines() if line.strip()]
    errors = [line for line in lines if re.match(r"(?i)error:? ", line)]
    return (errors or lines or ["buildah failed"])[-1][:600]


@contextmanager
def _registries(mirror: str | None) -> Iterator[dict[str, str]]:
    """The environment of buildah, in which images of docker.io come through the mirror.

    https://github.com/containers/image/blob/main/docs/containers-registries.conf.5.md
    """
    text = 'unqualified-search-registries = ["docker.io"]\n'
    if mirror:
        text += f'[[registry]]\nprefix = "docker.io"\nlocation = "{mirror}"\n'
    with tempfile.TemporaryDirectory() as folder:
        file = Path(folder) / "registries.conf"
        file.write_text(text, encoding="utf-8")
        passed = {name: os.environ[name] for name in PASSED if name in os.environ}
        yield {"BUILDAH_ISOLATION": "chroot", "STORAGE_DRIVER": "vfs", **passed, "CONTAINERS_REGISTRIES_CONF": str(file)}
