"""Which versions the update job lets into the GitOps repository: those of the platform's registry whose scan passes."""

from dataclasses import dataclass, field

import click

from gitops.release.errors import RefusedError
from gitops.release.gate import Gate
from gitops.release.harbor import Harbor
from gitops.release.history import Version
from gitops.release.parameters import Parameters
from gitops.release.scan import judged, present


@dataclass(kw_only=True)
class Admission:
    """harbor: that is asked. gate: that a scan has to pass. risk: the reason for which a refused version is brought back; None for none."""

    harbor: Harbor
    parameters: Parameters
    gate: Gate
    risk: str | None = None
    _known: dict[str, str | None] = field(default_factory=dict, init=False)

    def of_new(self, tag: str, digest: str | None) -> str:
        """The digest of a version that is to be released. Raises RefusedError where it is not there, is another, or its scan is refused."""
        found = present(self.harbor, self.parameters.repository, tag)
        if digest and digest != found:
            raise RefusedError(f"{self.parameters.image}:{tag} is {found}; expected {digest}, as the build said. Next: build again.")
        self._judge(found, tag, afresh=False)
        return found

    def of_earlier(self, version: Version) -> str | None:
        """The reason for which an earlier version is brought back although it is refused; None where it is not.

        It is scanned afresh: what was fine when it was released need not be. Raises RefusedError where there is no such reason.
        """
        name = f"{version.image}:{version.version}"
        if name not in self._known:  # a commit may take several attempts
            self._known[name] = self._refusal(version)
        if (refusal := self._known[name]) is None:
            return None
        if self.risk is None:
            raise RefusedError(
                f"{refusal}\nOr bring it back all the same: --accept-risk REASON (ACCEPT_RISK of the job). Nothing was written."
            )
        click.echo(f"  accepted ({self.risk}):\n{refusal}", err=True)
        return self.risk

    def _refusal(self, version: Version) -> str | None:
        tag = str(version.version)
        try:
            if version.image != self.parameters.image:
                raise RefusedError(
                    f"{version.image}:{tag} is not of the platform's registry; expected {self.parameters.image}, whose scans are known."
                )
            self._judge(present(self.harbor, self.parameters.repository, version.digest or tag), tag, afresh=True)
        except RefusedError as refusal:
            return refusal.message
        return None

    def _judge(self, digest: str, tag: str, *, afresh: bool) -> None:
        workspace = self.parameters.app.workspace
        judged(self.harbor, self.parameters.repository, digest, self.gate, workspace=workspace, afresh=afresh).require(
            f"{self.parameters.image}:{tag}"
        )
