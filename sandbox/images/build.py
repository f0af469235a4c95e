"""Builds each image once for its content, and a registry that already holds what pods pull."""

import os
import shutil
import ssl
import subprocess
import sys
import tempfile
from collections.abc import Iterable
from pathlib import Path

import certifi
import docker

from sandbox.cache import ROOT, digest, lock
from sandbox.errors import SandboxError
from sandbox.images import builder, debian
from sandbox.images.catalog import IMAGES, Image
from sandbox.progress import step

_FOLDER = Path(__file__).parent


def ensure(client: docker.DockerClient, tools: dict[str, Path]) -> dict[str, str]:
    """Build what the engine lacks. Returns each image's tag by its name; a tag changes with the image's content.

    Raises SandboxError, with the last lines of the build.
    """
    tags: dict[str, str] = {}
    for image in IMAGES:
        tags[image.name] = _tag(image, tools, _below(image, tags))
    with lock("images"):
        missing = [image for image in IMAGES if not builder.has(client, tags[image.name])]
        for number, image in enumerate(missing, start=1):
            if image.debian:
                debian.ensure(client, image.debian)
            with step(f"image {number} of {len(missing)}: building {image.name}", 20):
                _build(client, image, tags[image.name], tools, {"BASE": _below(image, tags), **image.arguments})
    return tags


def _below(image: Image, tags: dict[str, str]) -> str:
    """What an image begins with."""
    return debian.name(image.debian) if image.debian else tags[image.base]


def _tag(image: Image, tools: dict[str, Path], base: str) -> str:
    # A built tool's folder is named after its content; hashing its programs would take longer than all the rest.
    programs = [f"{tools[name].parent.name}/{name} {tools[name].stat().st_size}" for name in image.programs]
    locked = [ROOT / "uv.lock"] if image.group else []
    sources = [ROOT / source for source in image.sources]
    authorities = [_authorities()] if image.debian else []
    arguments = [f"{name}={value}" for name, value in image.arguments.items()]
    content: list[str | Path] = [base, _FOLDER / image.folder, *programs, *locked, *sources, *authorities, *arguments]
    return f"slipway/{image.name}:{digest(content)}"


def _build(client: docker.DockerClient, image: Image, tag: str, tools: dict[str, Path], arguments: dict[str, str]) -> None:
    with tempfile.TemporaryDirectory() as folder:
        content = _content(image, tools, _site(image, Path(folder)))
        builder.build(client, tag, content, arguments, f"{image.name} (sandbox/images/{image.folder})")


def _content(image: Image, tools: dict[str, Path], site: Path | None) -> Iterable[tuple[str, Path]]:
    yield ".", _FOLDER / image.folder
    for program in image.programs:
        yield f"bin/{program}", tools[program].resolve()
    for source in image.sources:
        yield source, ROOT / source
    if site:
        yield "site", site
    if image.debian:
        yield "machine.crt", _authorities()


def _authorities() -> Path:
    """The bundle of certificate authorities that this machine trusts."""
    named = (os.environ.get("SSL_CERT_FILE"), "/etc/ssl/certs/ca-certificates.crt", ssl.get_default_verify_paths().cafile)
    return next((Path(path).resolve() for path in named if path and Path(path).is_file()), Path(certifi.where()))


def _site(image: Image, folder: Path) -> Path | None:
    """The image's Python packages at the versions and hashes of uv.lock, for Debian 12's Python."""
    if not image.group:
        return None
    uv = shutil.which("uv", path=f"{Path(sys.executable).parent}{os.pathsep}{os.environ.get('PATH', '')}") or "uv"
    requirements = folder / "requirements.txt"
    export = [uv, "export", "--quiet", "--frozen", "--only-group", image.group, "--output-file", str(requirements)]
    install = [uv, "pip", "install", "--quiet", "--target", str(folder / "site"), "--python-version", "3.11", "--require-hashes"]
    for command in (export, [*install, "--only-binary", ":all:", "--requirement", str(requirements)]):
        result = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)
        if result.returncode:
            raise SandboxError(f"`{' '.join(command[:3])}` failed for the image {image.name}:\n{result.stderr}")
    return folder / "site"
