"""What the scanner knows of vulnerabilities: a file of a few entries that are made up. They stand in for Trivy's database."""

import tomllib
from dataclasses import dataclass
from pathlib import Path

from sandbox.services.harbor.scan.versions import KEYS

DEFAULT = Path(__file__).with_name("advisories.toml")
SEVERITIES = ("Negligible", "Low", "Medium", "High", "Critical")


@dataclass(frozen=True)
class Advisory:
    """`package` of the `ecosystem` deb, python or npm has the vulnerability `id` before the version `fixed`, always if that is empty."""

    id: str
    package: str
    ecosystem: str
    severity: str
    title: str
    fixed: str = ""


def read(file: Path) -> list[Advisory]:
    """Return the advisories in `file`; ValueError says what does not fit, OSError that it cannot be read."""
    try:
        found = [Advisory(**each) for each in tomllib.loads(file.read_text()).get("advisory", [])]
    except (TypeError, tomllib.TOMLDecodeError) as error:
        raise ValueError(f"{file}: {error}; expected tables [[advisory]] with {', '.join(Advisory.__annotations__)}") from None
    for each in found:
        if each.ecosystem not in KEYS or each.severity not in SEVERITIES:
            raise ValueError(f"{file}: {each.id} has the ecosystem {each.ecosystem!r} and the severity {each.severity!r}, expected one of "
                             f"{', '.join(KEYS)} and one of {', '.join(SEVERITIES)}")  # fmt: skip
    return found
