"""The `tls` provider: keys, certificate requests and certificates.

What the inputs mean: https://www.pulumi.com/registry/packages/tls/api-docs/
"""

from collections.abc import Mapping
from typing import ClassVar

from sandbox.providers.plugin import Plugin, Resource
from sandbox.providers.tls.certificates import CertRequest, LocallySignedCert, SelfSignedCert
from sandbox.providers.tls.keys import PrivateKey


class Tls(Plugin):
    """The provider. Its configuration is about a proxy for what this one does not cover."""

    name = "tls"
    version = "5.6.2"
    official = "pulumi plugin install resource tls v5.6.2"
    _resources: ClassVar[Mapping[str, Resource]] = {
        "tls:index/privateKey:PrivateKey": PrivateKey(),
        "tls:index/certRequest:CertRequest": CertRequest(),
        "tls:index/selfSignedCert:SelfSignedCert": SelfSignedCert(),
        "tls:index/locallySignedCert:LocallySignedCert": LocallySignedCert(),
    }

    def resource(self, token: str) -> Resource | None:
        """Return the implementation of a type."""
        return self._resources.get(token)


def plugin() -> Plugin:
    """Return the provider."""
    return Tls()
