"""Texts of shared libraries: the JVM gets them through its pipe and reads no files."""

from collections.abc import Mapping
from pathlib import Path


def texts(folder: Path) -> Mapping[str, Mapping[str, str]]:
    """The library in a checkout: `vars`, name to script, and `resources`, path to text.

    Raises ValueError naming the file if one is no UTF-8 text.
    """
    scripts = {each.stem: _text(each) for each in sorted((folder / "vars").glob("*.groovy")) if _inside(each, folder)}
    resources = folder / "resources"
    found = [each for each in sorted(resources.rglob("*")) if each.is_file() and _inside(each, folder)]
    return {"vars": scripts, "resources": {str(each.relative_to(resources)): _text(each) for each in found}}


def _inside(file: Path, folder: Path) -> bool:
    """A link in a repository may lead anywhere."""
    return file.resolve().is_relative_to(folder.resolve())


def _text(file: Path) -> str:
    try:
        return file.read_text("utf-8")
    except UnicodeDecodeError:
        raise ValueError(f"library file {file.parent.name}/{file.name} is no UTF-8 text; save it as UTF-8") from None
