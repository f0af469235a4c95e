"""One way to ask the Docker engine for an image, and to build one from a folder's worth of files."""

import os
import tarfile
import tempfile
from collections.abc import Iterable, Mapping
from pathlib import Path

import docker
from docker.errors import APIError, BuildError, ImageNotFound

from sandbox.errors import SandboxError


def has(client: docker.DockerClient, tag: str) -> bool:
    """Whether the engine has an image of this tag."""
    try:
        client.images.get(tag)
    except ImageNotFound:
        return False
    return True


def build(client: docker.DockerClient, tag: str, content: Iterable[tuple[str, Path]], arguments: Mapping[str, str], what: str) -> None:
    """Build an image. `content` maps names in the build context to files or folders; `what` names the image in an error.

    Raises SandboxError, with the last lines of the build.
    """
    proxies = {name: value for name, value in os.environ.items() if name.lower() in ("http_proxy", "https_proxy", "no_proxy")}
    with tempfile.TemporaryFile() as context:
        with tarfile.open(fileobj=context, mode="w") as archive:
            for name, path in content:
                archive.add(path, name, filter=_plain)
        context.seek(0)
        try:
            # The host's network: our own engine has no default bridge, and build steps fetch packages.
            client.images.build(
                fileobj=context, custom_context=True, tag=tag, rm=True, network_mode="host", buildargs={**arguments, **proxies}
            )
        except (BuildError, APIError) as error:
            last = "".join(entry.get("stream", "") for entry in list(getattr(error, "build_log", []))[-15:])
            raise SandboxError(
                f"Building the image {what} failed: {error}\n{last}Next: mend that and run this again; images built before are kept."
            ) from error


def _plain(entry: tarfile.TarInfo) -> tarfile.TarInfo | None:
    """The same owner and time on every machine; no byte code."""
    if "__pycache__" in entry.name:
        return None
    entry.uid = entry.gid = 0
    entry.uname = entry.gname = "root"
    entry.mtime = 0
    return entry
