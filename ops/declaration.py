"""The declaration of tenants in files that people edit: additions keep their comments and their order."""

from pathlib import Path
from typing import Any

from pydantic import ValidationError
from ruamel.yaml import YAML
from ruamel.yaml.comments import CommentedMap, CommentedSeq

from naming import App
from stacks.model.forms import absolute
from stacks.model.tenants import Tenant, conflicts

TENANTS, FOLDER = "slipway:tenants", "slipway:tenantsFolder"


class DeclarationError(Exception):
    """The declaration would not be valid; nothing was written. Each problem is a line."""


def add(config: Path, app: App, *, port: int, hosts: tuple[str, ...]) -> Path:
    """Declare an application, and its user where that is new, in a stack's configuration or its folder of tenants.

    Returns the file that was written. Raises DeclarationError.
    """
    yaml = YAML()
    yaml.preserve_quotes = True
    yaml.width = 140
    yaml.indent(mapping=2, sequence=4, offset=2)
    document = yaml.load(config.read_text(encoding="utf-8")) or CommentedMap()
    settings = document.setdefault("config", CommentedMap())
    folder = Path(absolute(settings[FOLDER])) if FOLDER in settings else None
    files = {file: yaml.load(file.read_text(encoding="utf-8")) for file in sorted(folder.glob("*.yaml"))} if folder else {}
    listed = settings.get(TENANTS) or CommentedSeq()
    entries: list[Any] = [*listed, *files.values()]
    entry = next((each for each in entries if each.get("user") == app.user), None)
    new = entry is None
    if entry is None:
        entry = CommentedMap(workspace=app.workspace, user=app.user)
        entries.append(entry)
    elif entry.get("workspace") != app.workspace:
        raise DeclarationError(f"the user {app.user!r} belongs to the workspace {entry.get('workspace')!r}, not to {app.workspace!r}")
    declared = CommentedMap(project=app.project, port=port, **({"hosts": list(hosts)} if hosts else {}))
    entry.setdefault("applications", CommentedSeq()).append(declared)
    _check(entries)
    target = next((file for file, content in files.items() if content is entry), None)
    if target is None and new and folder is not None:
        target = folder / f"{app.user}.yaml"
    if target is None and new:
        settings.setdefault(TENANTS, CommentedSeq()).append(entry)
    _write(yaml, target or config, entry if target else document)
    return target or config


def _check(entries: list[Any]) -> None:
    try:
        tenants = [Tenant.model_validate(each) for each in entries]
    except ValidationError as error:
        lines = [f"{'.'.join(map(str, each['loc']))} is {each['input']!r}: {each['msg']}" for each in error.errors(include_url=False)]
        raise DeclarationError("\n".join(lines)) from None
    if problems := list(conflicts(tenants)):
        raise DeclarationError("\n".join(problems))


def _write(yaml: YAML, file: Path, content: Any) -> None:
    part = file.with_name(f".{file.name}.part")
    with part.open("w", encoding="utf-8") as out:
        yaml.dump(content, out)
    if file.exists():
        part.chmod(file.stat().st_mode & 0o777)
    part.replace(file)
