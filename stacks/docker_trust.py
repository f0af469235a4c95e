"""The trust of the Docker engine that pushes the platform's images: it knows no authority that is made in the same run."""

from pathlib import Path

import pulumi


def trusted(host: pulumi.Input[str], bundle: pulumi.Input[str], folder: str | None) -> pulumi.Output[str]:
    """The registry's host, once the engine on this machine trusts the authorities in `bundle` (PEM text) for it.

    `folder` is the engine's, as /etc/docker/certs.d; None where somebody else has seen to it. A preview writes nothing. The engine looks
    at the file at each push: https://docs.docker.com/engine/security/certificates/
    """
    return pulumi.Output.all(host, bundle).apply(lambda known: _trusted(known[0], known[1], folder))


def _trusted(host: str, bundle: str, folder: str | None) -> str:
    if folder is None or not bundle or pulumi.runtime.is_dry_run():
        return host
    file = Path(folder) / host / "ca.crt"
    if not (file.is_file() and file.read_text(encoding="utf-8") == bundle):
        try:
            file.parent.mkdir(parents=True, exist_ok=True)
            part = file.with_suffix(".part")
            part.write_text(bundle, encoding="utf-8")
            part.replace(file)
        except OSError as error:
            raise PermissionError(
                f"{file} cannot be written ({error.strerror}): Docker could not push to {host}. "
                "Next: run this as who may, or unset slipway:jenkins.images.dockerCertificates and put the output caBundle there yourself."
            ) from None
    return host
