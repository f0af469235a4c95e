"""What images are built on: bases.toml, and which version of it a repository asks for."""

import re
import tomllib
from collections.abc import Iterator, Mapping
from functools import cache
from importlib.resources import files

from packaging.specifiers import InvalidSpecifier, SpecifierSet
from packaging.version import Version

from gitops.release.errors import RefusedError


@cache
def _known() -> Mapping[str, Mapping[str, str]]:
    return tomllib.loads(files("gitops.frameworks").joinpath("bases.toml").read_text(encoding="utf-8"))


def image(language: str, version: str | None = None) -> str:
    """The image of a version; the default one where none is given."""
    known = _known()[language]
    return known[version or known["default"]]


def tool(name: str) -> str:
    """The version of a program that is added."""
    return _known()["tools"][name]


def choose(language: str, wanted: str, where: str) -> str:
    """The version to build on: the newest of those that are served and wanted; the default where nothing is wanted.

    `wanted`: as the file `where` says it, in the words of Python's specifiers or npm's ranges. Raises RefusedError where none is served.
    """
    known = _known()[language]
    served = [name for name in known if name != "default"]
    if not wanted.strip():
        return known["default"]
    fitting = [name for name in served if _fits(language, name, wanted.strip())]
    if not fitting:
        raise RefusedError(
            f"{where} asks for {language} {wanted.strip()[:80]!r}; served are {', '.join(served)}.\n"
            "Next: ask for one of these, or bring a Dockerfile of your own."
        )
    default = known["default"]
    return default if default in fitting else max(fitting, key=Version)


def _fits(language: str, served: str, wanted: str) -> bool:
    if language == "python" and re.match(r"[<>=!~]", wanted):
        try:
            # A base is a minor version: some patch of it fits.
            return any(SpecifierSet(wanted).contains(f"{served}.{patch}") for patch in (0, 5, 50))
        except InvalidSpecifier:
            return False
    return any(all(_npm(served, part) for part in _parts(each)) for each in wanted.split("||"))


def _parts(text: str) -> Iterator[str]:
    """The comparisons of a range: `>=18 <23`, `18 - 22`, `^22.1.0`."""
    if hyphen := re.fullmatch(r"\s*v?(\S+)\s+-\s+v?(\S+)\s*", text):
        yield f">={hyphen[1]}"
        yield f"<={hyphen[2]}"
        return
    yield from re.findall(r"[<>=^~]*\s*v?[0-9xX*][0-9.xX*]*|lts/\S+|node|latest|\S+", text) or ["*"]


def _npm(served: str, part: str) -> bool:
    """Whether some patch of a served version is in a comparison: https://github.com/npm/node-semver#ranges"""
    found = re.fullmatch(r"([<>=^~]*)\s*v?([0-9xX*]+(?:\.[0-9xX*]+)*)", part)
    if not found:
        return part.startswith("lts/") or part in {"node", "latest"}
    have = [int(number) for number in served.split(".")]
    want = [int(number) for number in re.split(r"\.[xX*]|[xX*]", found[2])[0].split(".") if number.isdigit()][: len(have)]
    ours = have[: len(want)]
    match found[1]:
        case ">=" | ">":
            return ours >= want
        case "<":
            return ours < want or (ours == want and found[2].count(".") >= len(have) and not re.fullmatch(r"[0-9.]+?(\.0)+", found[2]))
        case "<=":
            return ours <= want
        case _:
            return ours == want
