"""`load()`: the only reader of `pulumi.Config`. Every problem of a configuration is reported at once."""

import json
import re
from collections.abc import Iterable, Iterator, Mapping
from typing import Any

import pulumi
from pydantic import BaseModel, SecretStr, ValidationError
from pydantic.fields import FieldInfo
from pydantic_core import ErrorDetails

from stacks import tenants_folder
from stacks.model import Gitlab, Settings
from stacks.model.forms import Model
from stacks.model.tenants import Tenant, conflicts
from stacks.problems import Problems

NAMESPACE = "slipway"

Location = tuple[int | str, ...]


def load() -> Settings:
    """Read the stack's configuration.

    Raises Problems with one line for each wrong, unknown or missing key.
    """
    # pulumi.Config cannot list the keys that are there, and a key that nobody reads is most often a misspelt one.
    known = {*pulumi.runtime.config.CONFIG.get(), *pulumi.runtime.config.get_config_env()}
    keys = {key.removeprefix(f"{NAMESPACE}:") for key in known if key.startswith(f"{NAMESPACE}:")}
    config = pulumi.Config(NAMESPACE)
    return parse({key: value for key in sorted(keys) if (value := config.get(key)) is not None})


def parse(config: Mapping[str, str]) -> Settings:
    """Settings from raw configuration: objects and lists are JSON text, as the engine hands them over. Tenants are those of the folder too.

    Raises Problems as `load` does.
    """
    settings, problems = None, []
    try:
        settings = Settings.model_validate({key: _decoded(key, text) for key, text in config.items()})
    except ValidationError as error:  # pydantic's own text repeats the input, secrets included
        problems = [_problem(detail) for detail in error.errors(include_url=False)]
    in_folder = tenants_folder.read(config.get("tenantsFolder"))
    problems += in_folder.problems
    if settings is not None and not problems:
        together = (*settings.tenants, *in_folder.tenants)
        hint = "expected no name twice; next: rename or remove one of them"
        problems = [f"{NAMESPACE}:tenants: {each}; {hint}" for each in (*conflicts(together), *_taken_paths(settings.gitlab, together))]
        settings = settings.model_copy(update={"tenants": together})
    if settings is None or problems:
        raise Problems("The configuration is not valid:", problems)
    return settings


def _taken_paths(gitlab: Gitlab, tenants: Iterable[Tenant]) -> Iterator[str]:
    """GitLab has one path for a project and a sub-group of the same name."""
    taken = {gitlab.gitops_project: "gitopsProject", gitlab.pipeline_project: "pipelineProject"}
    if len(taken) < 2:
        yield f"gitlab.gitopsProject and gitlab.pipelineProject are both {gitlab.gitops_project!r}"
    for workspace in sorted({tenant.workspace for tenant in tenants} & taken.keys()):
        yield f"workspace {workspace!r} has the path of the project in gitlab.{taken[workspace]}"


def _decoded(key: str, text: str) -> Any:
    """Structured values are JSON; a plain string that does not parse is left for the model to judge."""
    field = field_at((key,))
    if field is None or field.annotation is str:
        return text
    try:
        return json.loads(text)
    except json.JSONDecodeError:
        return text


def _problem(detail: ErrorDetails) -> str:
    location, kind = detail["loc"], detail["type"]
    path = config_path(location)
    if kind == "extra_forbidden":
        known = ", ".join(alias for alias, _ in _fields(_model_at(location[:-1])))
        return f"{NAMESPACE}:{path} is not a known key; expected one of: {known}; next: pulumi config rm --path '{path}'"
    field = field_at(location)
    if field is None:
        return f"{NAMESPACE}:{path}: {detail['msg']}"
    found = "is missing" if kind == "missing" else f"is {_shown(field, detail['input'])}"
    reason = f" ({detail['ctx']['error']})" if kind == "value_error" else ""
    command = set_command(config_path(_field_location(location)), field)
    return f"{NAMESPACE}:{path} {found}{reason}; expected {field.description}; next: {command}"


def set_command(path: str, field: FieldInfo) -> str:
    """The command that sets a field to its example. A secret is asked for, so that it is in no shell history."""
    if is_secret(field):
        return f"pulumi config set --secret --path '{path}'"
    example = str(field.examples[0]) if field.examples else ""
    if example.startswith(("[", ".")):
        item, _, example = example.partition(" ")
        path += item
    return f"pulumi config set --path '{path}' {example}"


def _shown(field: FieldInfo, value: Any) -> str:
    """A value as an error may show it: never a secret, nor a structure that may hold one."""
    if is_secret(field):
        return "not valid (secret, not shown)"
    if isinstance(value, Mapping):
        return "an object"
    if isinstance(value, list | tuple):
        return "a list"
    if model_of(field) is not None:
        return "not an object"
    return re.sub(r"//[^/@]*@", "//***@", repr(value))


def config_path(location: Location) -> str:
    """A location in Pulumi's path syntax, such as `cluster.node.registryMirrors["docker.io"]`."""
    path = ""
    for part in location:
        if part == "[key]":
            continue
        if isinstance(part, int):
            path += f"[{part}]"
        elif re.fullmatch(r"[\w-]+", part):
            path += f".{part}" if path else part
        else:
            path += f"[{json.dumps(part)}]"
    return path


def field_at(location: Location) -> FieldInfo | None:
    """The innermost field on the way to a location: an item of a list or mapping belongs to the field that holds it."""
    steps = list(_steps(location))
    return steps[-1][1] if steps else None


def _field_location(location: Location) -> Location:
    """The part of a location that leads to its innermost field."""
    steps = list(_steps(location))
    return location[: steps[-1][0] + 1] if steps else location


def _steps(location: Location) -> Iterator[tuple[int, FieldInfo]]:
    """The fields on the way to a location, each with its position in it."""
    model: type[BaseModel] | None = Settings
    for position, part in enumerate(location):
        field = dict(_fields(model)).get(str(part)) if model is not None else None
        if field is not None:
            yield position, field
            model = model_of(field)


def _model_at(location: Location) -> type[BaseModel]:
    field = field_at(location)
    return (model_of(field) if field else None) or Settings


def _fields(model: type[BaseModel]) -> Iterator[tuple[str, FieldInfo]]:
    for name, field in model.model_fields.items():
        yield field.alias or name, field


def model_of(field: FieldInfo) -> type[Model] | None:
    """The model that a field holds, alone, optional, or in a list."""
    for candidate in (field.annotation, *getattr(field.annotation, "__args__", ())):
        if isinstance(candidate, type) and issubclass(candidate, Model):
            return candidate
    return None


def is_secret(field: FieldInfo) -> bool:
    """Whether a field's value must never be shown."""
    return field.annotation is SecretStr
