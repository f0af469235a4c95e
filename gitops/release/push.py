"""Pushing an image that another container built: this one holds the credential, and runs nothing of what it pushes."""

import base64
import json
import os
import stat
import tempfile
from pathlib import Path

from gitops.release.errors import RefusedError, UnreachableError
from gitops.release.process import ProgramFailedError, run

SECONDS = 900.0
PASSED = ("PATH", "HOME", "SSL_CERT_DIR", "SSL_CERT_FILE", "HTTP_PROXY", "HTTPS_PROXY", "NO_PROXY", "http_proxy", "https_proxy", "no_proxy")


def push(archive: Path, image: str, tag: str, *, username: str, password: str) -> str:
    """Push an OCI archive as `image`:`tag` and return the digest.

    Raises RefusedError where the archive is no file (the folder is shared with the container that ran tenants' code), UnreachableError with
    the registry's answer.
    """
    if not _is_file(archive):
        raise RefusedError(f"{str(archive)!r} is no file; expected the OCI archive of the build; nothing was pushed")
    host = image.partition("/")[0]
    with tempfile.TemporaryDirectory() as folder:  # only for this user
        login, digest = Path(folder) / "auth.json", Path(folder) / "digest"
        auth = base64.b64encode(f"{username}:{password}".encode()).decode()
        login.write_text(json.dumps({"auths": {host: {"auth": auth}}}), encoding="utf-8")
        command = ["skopeo", "copy", "--quiet", "--retry-times", "2", "--digestfile", str(digest), "--authfile", str(login)]
        environment = {name: os.environ[name] for name in PASSED if name in os.environ}
        try:
            run(
                [*command, f"oci-archive:{archive.absolute()}", f"docker://{image}:{tag}"],
                folder=Path(folder),
                environment=environment,
                seconds=SECONDS,
            )
        except ProgramFailedError as error:
            raise UnreachableError(
                f"{image}:{tag} was not pushed: {error}. Next: see that the registry is there, and build again."
            ) from None
        return digest.read_text(encoding="utf-8").strip()


def _is_file(path: Path) -> bool:
    try:
        return stat.S_ISREG(path.lstat().st_mode)
    except OSError:
        return False
