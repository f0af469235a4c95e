"""An application's values.yaml: changed in place, so that comments, order and everything else in it stay."""

import io
from collections.abc import Mapping
from typing import Any

from ruamel.yaml import YAML
from ruamel.yaml.comments import CommentedMap
from ruamel.yaml.error import YAMLError
from ruamel.yaml.scalarstring import DoubleQuotedScalarString
from ruamel.yaml.util import load_yaml_guess_indent

from gitops.release.errors import RefusedError

Path = tuple[str, ...]
Scalar = str | int


def load(text: str, where: str) -> CommentedMap:
    """The values as a mapping. Raises RefusedError where the text is no single YAML mapping; `where` names the file."""
    return _read(text, where)[0]


def get(values: Any, path: Path) -> Any:
    """The value at a path; None where there is none."""
    for part in path:
        values = values.get(part) if isinstance(values, Mapping) else None
    return values


def edit(text: str, where: str, fields: Mapping[Path, Scalar | None]) -> str:
    """The text with these fields set, or taken out where the value is None; the very text where all are so already.

    Strings are quoted: YAML readers disagree on what `1.10`, `on` or `0x1f` is. Raises RefusedError as `load` does, and where a
    field lies in something that is no mapping.
    """
    values, yaml = _read(text, where)
    wanted = unlike(values, fields)
    if not wanted:
        return text
    for path, value in wanted.items():
        _set(values, path, value, where)
    out = io.StringIO()
    yaml.dump(values, out)
    return out.getvalue()


def unlike(values: CommentedMap, fields: Mapping[Path, Scalar | None]) -> dict[Path, Scalar | None]:
    """Those of the fields that the values have otherwise."""
    return {path: value for path, value in fields.items() if not _same(get(values, path), value)}


def _same(present: Any, value: Scalar | None) -> bool:
    return present == value and isinstance(present, bool) == isinstance(value, bool) and isinstance(present, str) == isinstance(value, str)


def _set(values: CommentedMap, path: Path, value: Scalar | None, where: str) -> None:
    *parents, last = path
    for part in parents:
        if value is None and part not in values:
            return
        if values.get(part) is None:
            values[part] = CommentedMap()
        values = values[part]
        if not isinstance(values, CommentedMap):
            raise RefusedError(f"{where}: `{'.'.join(parents)}` is no mapping; expected one, since a release writes `{'.'.join(path)}`.")
    if value is None:
        values.pop(last, None)
    else:
        values[last] = DoubleQuotedScalarString(value) if isinstance(value, str) else value


def _read(text: str, where: str) -> tuple[CommentedMap, YAML]:
    yaml = YAML()
    yaml.preserve_quotes = True
    yaml.width = 2**20  # no line is broken that was not
    try:
        _, indent, offset = load_yaml_guess_indent(text) if "- " in text else (None, None, None)
        yaml.indent(mapping=2, sequence=indent or 2, offset=offset or 0)
        values = yaml.load(text)
    except (YAMLError, RecursionError, ValueError, TypeError, AttributeError) as error:
        problem = " ".join(str(error).split())[:300] or type(error).__name__
        raise RefusedError(
            f"{where} is not valid YAML: {problem}\nNext: mend the file in the GitOps repository; nothing was written."
        ) from None
    if values is None:
        values = CommentedMap()
    if not isinstance(values, CommentedMap):
        raise RefusedError(f"{where} holds no mapping of values. Next: mend the file in the GitOps repository; nothing was written.")
    return values, yaml
