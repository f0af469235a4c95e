"""Imports go one way (docs/decisions.md)."""

import ast
from collections.abc import Iterator
from pathlib import Path

ROOT = Path(__file__).parents[2]
ROOMS = {"stacks", "components", "gitops", "ops", "sandbox", "tests", "naming", "__main__"}

# Room to the rooms that it may import, beside itself.
ALLOWED = {
    "__main__": {"stacks"},
    "stacks": {"components", "naming"},
    "components": {"gitops", "naming"},
    "gitops": {"naming"},
    "naming": set(),
    "ops": {"stacks", "components", "gitops", "naming"},
    "sandbox": ROOMS,
    "tests": ROOMS,
}
# What components share; they do not import each other.
LEAVES = {
    "components.certificates",
    "components.chart",
    "components.gitlab_parts",
    "components.jcasc",
    "components.robots",
    "components.versions",
}


def sources(room: str) -> Iterator[Path]:
    single = ROOT / f"{room}.py"
    return iter([single]) if single.is_file() else (ROOT / room).rglob("*.py")


def imports(path: Path) -> Iterator[str]:
    """Modules of this project that a file imports, wherever in it the statement stands."""
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.ImportFrom):
            if node.level:  # relative: it stays in its room
                continue
            names = [f"{node.module}.{alias.name}" for alias in node.names]
        elif isinstance(node, ast.Import):
            names = [alias.name for alias in node.names]
        else:
            continue
        yield from (name for name in names if name.split(".")[0] in ROOMS)


def test_rooms_import_only_what_the_law_allows() -> None:
    breaches = [
        f"{path.relative_to(ROOT)} imports {name}"
        for room, allowed in ALLOWED.items()
        for path in sources(room)
        for name in imports(path)
        if name.split(".")[0] not in {room, *allowed}
    ]
    assert breaches == []


def test_components_do_not_import_each_other() -> None:
    breaches = [
        f"{path.relative_to(ROOT)} imports {name}"
        for path in sources("components")
        for name in imports(path)
        if name.startswith("components.") and ".".join(name.split(".")[:2]) not in LEAVES
    ]
    assert breaches == []


def test_the_git_side_knows_no_pulumi() -> None:
    for path in sources("gitops"):
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            names = [alias.name for alias in node.names] if isinstance(node, ast.Import) else []
            names += [node.module or ""] if isinstance(node, ast.ImportFrom) else []
            assert not [name for name in names if name.split(".")[0].startswith("pulumi")], path


def test_configuration_is_read_in_one_place() -> None:
    readers = {
        path.relative_to(ROOT).as_posix()
        for room in ("__main__", "stacks", "components", "gitops", "naming")
        for path in sources(room)
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8")))
        if isinstance(node, ast.Attribute) and node.attr == "Config"
    }
    assert readers == {"stacks/settings.py"}


def test_only_main_exports() -> None:
    exporters = {
        path.name
        for room in ("__main__", "stacks", "components", "gitops", "naming")
        for path in sources(room)
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8")))
        if isinstance(node, ast.Attribute) and node.attr == "export"
    }
    assert exporters == {"__main__.py"}
