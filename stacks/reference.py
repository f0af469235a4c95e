"""docs/configuration.md, generated from the model: `python -m stacks.reference > docs/configuration.md`."""

from collections.abc import Iterator

from pydantic import BaseModel
from pydantic.fields import FieldInfo
from pydantic_core import PydanticUndefined

from stacks.model import Settings
from stacks.settings import is_secret, model_of, set_command

INTRODUCTION = """\
# Configuration

Generated from `stacks/model/` by `python -m stacks.reference > docs/configuration.md`; a test keeps it up to date.

Every key lies in the namespace `slipway` of `Pulumi.<stack>.yaml`. All problems of a configuration are reported at once,
before any resource is touched. Secrets are asked for by the command, so that they are in no shell history.

| key | expected | default | command |
| --- | --- | --- | --- |
"""


def document() -> str:
    """Text of docs/configuration.md."""
    return INTRODUCTION + "".join(_rows(Settings, ""))


def _rows(model: type[BaseModel], prefix: str) -> Iterator[str]:
    for name, field in model.model_fields.items():
        path = f"{prefix}{field.alias or name}"
        nested = model_of(field)
        if nested is None:
            yield f"| `{path}` | {field.description} | {_default(field)} | `{set_command(path, field)}` |\n"
            continue
        yield f"| `{path}` | {field.description} | {_default(field)} | |\n"
        is_list = "tuple" in str(field.annotation)
        yield from _rows(nested, f"{path}[0]." if is_list else f"{path}.")


def _default(field: FieldInfo) -> str:
    if is_secret(field) or (field.default is PydanticUndefined and field.default_factory is None):
        return "required"
    default = field.get_default(call_default_factory=True)
    if default is None or default in ((), {}) or isinstance(default, BaseModel):
        return ""
    return f"`{str(default).lower() if isinstance(default, bool) else default}`"


if __name__ == "__main__":
    print(document(), end="")
