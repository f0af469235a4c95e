"""Tenants as files: a folder with one YAML file a user, for environments that have many."""

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import yaml
from pydantic import ValidationError

from stacks.model.forms import absolute
from stacks.model.tenants import Tenant


@dataclass(frozen=True)
class Found:
    """What a folder holds: the tenants of its good files, and a line for each problem."""

    tenants: tuple[Tenant, ...] = ()
    problems: tuple[str, ...] = ()


def read(folder: str | None) -> Found:
    """The tenants in the files `*.yaml` of a folder, by their names; nothing for None."""
    if not folder:
        return Found()
    path = Path(absolute(folder))
    if not path.is_dir():
        return Found(problems=(f"slipway:tenantsFolder is {str(path)!r}; expected a folder; make it, or correct the path",))
    tenants, problems = [], []
    for file in sorted(path.glob("*.yaml")):
        try:
            tenants.append(Tenant.model_validate(_mapping(file)))
        except ValidationError as error:
            problems += [f"{file}: {line}" for line in _lines(error)]
        except (yaml.YAMLError, UnicodeDecodeError, ValueError) as error:
            problems.append(
                f"{file} cannot be read: {' '.join(str(error).split())}; expected one tenant as YAML: workspace, user, applications"
            )
    return Found(tuple(tenants), tuple(problems))


def _mapping(file: Path) -> dict[str, Any]:
    content = yaml.safe_load(file.read_text(encoding="utf-8"))
    if not isinstance(content, dict):
        raise ValueError("it holds no keys")
    return content


def _lines(error: ValidationError) -> Iterator[str]:
    for detail in error.errors(include_url=False):
        place = ".".join(map(str, detail["loc"]))
        if detail["type"] == "missing":
            yield f"{place} is missing; add it"
        elif detail["type"] == "extra_forbidden":
            yield f"{place} is not a known key; remove it"
        else:
            yield f"{place} is {detail['input']!r}: {detail['msg']}; correct it"
