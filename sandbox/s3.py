"""A bucket for state, as teams have one: a real server of the S3 API (Versity's gateway on a folder) in a container of the sandbox."""

import secrets
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

import docker
from docker.models.containers import Container

from sandbox import containers
from sandbox.cache import ROOT, digest, write
from sandbox.containers import Service
from sandbox.images import builder
from sandbox.instance import Addresses, Sandbox
from sandbox.outside import until_ready
from sandbox.progress import step
from sandbox.tools import build as tools
from sandbox.tools.catalog import VERSITYGW

FOLDER = ROOT / "sandbox" / "images" / "s3"
BUCKET, USER = "state", "slipway"


@dataclass(frozen=True)
class Bucket:
    """url: of Pulumi's state backend. environment: the account, as the AWS SDK reads it. container: the server."""

    url: str
    environment: Mapping[str, str] = field(repr=False)
    container: Container


def ensure(client: docker.DockerClient, sandbox: Sandbox, base: str) -> Bucket:
    """The bucket, with its server running; `base` is the image below the server's. Raises SandboxError."""
    secret = sandbox.secret("s3-secret-key")
    if not secret.exists():
        write(secret, secrets.token_urlsafe(24))
    address = Addresses(containers.network(client, sandbox)).s3
    files = {"/run/secret-key": secret.read_bytes()}
    service = Service("s3", _image(client, base), address, files=files, volumes={"s3": "/data"})
    with step("starting the server of the S3 API"):
        container = containers.run(client, sandbox, service)
        url = f"http://{address}:7070"
        until_ready(f"{url}/", container, 403)  # nobody is let in without an account
    # https://www.pulumi.com/docs/iac/concepts/state-and-backends/#using-a-self-managed-backend
    account = {"AWS_ACCESS_KEY_ID": USER, "AWS_SECRET_ACCESS_KEY": secret.read_text(), "AWS_REGION": "us-east-1"}
    return Bucket(f"s3://{BUCKET}?endpoint={url}&s3ForcePathStyle=true", account, container)


def _image(client: docker.DockerClient, base: str) -> str:
    program = tools.ensure(VERSITYGW)["versitygw"]
    tag = f"slipway/s3:{digest([base, FOLDER, program.parent.name])}"
    if not builder.has(client, tag):
        with step("building the image s3"):
            content: list[tuple[str, Path]] = [(".", FOLDER), ("bin/versitygw", program.resolve())]
            builder.build(client, tag, content, {"BASE": base}, f"s3 ({FOLDER.relative_to(ROOT)})")
    return tag
