"""What Python's frameworks have in common."""

import re
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from gitops.frameworks import bases
from gitops.frameworks.instructions import USER, command, copy, env, execute, run, start, trusting
from gitops.frameworks.plan import Plan
from gitops.frameworks.tree import Tree

LANGUAGE = "python"
MODULES = ("app.py", "main.py", "wsgi.py", "asgi.py", "application.py", "server.py")
DEVELOPMENT = ("requirements-dev.txt", "dev-requirements.txt", "requirements-test.txt", "test-requirements.txt", "requirements/dev.txt")
REQUIREMENT = re.compile(r"\s*([A-Za-z0-9][A-Za-z0-9._-]*)")
MODULE = re.compile(r"[A-Za-z_]\w*(\.[A-Za-z_]\w*)*")
TRUST = ("PIP_CERT", "SSL_CERT_FILE", "REQUESTS_CA_BUNDLE")
SETTINGS = {"PIP_DISABLE_PIP_VERSION_CHECK": "1", "PIP_NO_CACHE_DIR": "1", "PYTHONDONTWRITEBYTECODE": "1", "PYTHONUNBUFFERED": "1"}
VENV = {"PATH": "/venv/bin:$PATH", "VIRTUAL_ENV": "/venv"}


def requirements(tree: Tree) -> set[str]:
    """Names of the packages that the application asks for, also those of its development."""
    return _main(tree) | _development(tree)


def module(tree: Tree, pattern: str) -> tuple[str, str] | None:
    """Module and name of what a pattern makes (its group 1 is the name), in the files where applications usually are."""
    packages = [name for name in tree.files if name.endswith("/__init__.py") and name.count("/") <= 2]
    inner = [name for name in tree.files if 1 <= name.count("/") <= 2 and name.rpartition("/")[2] in MODULES]
    for name in (*MODULES, *inner, *packages):
        if found := re.search(pattern, tree.text(name), re.MULTILINE):
            dotted = name.removesuffix(".py").removesuffix("/__init__").replace("/", ".")
            if MODULE.fullmatch(dotted):
                return dotted, found[1]
    return None


def plan(tree: Tree, framework: str, *, port: int, words: Sequence[str], test: Sequence[str] | None, tools: Sequence[str] = ()) -> Plan:
    """The plan of an application in Python. `tools`: programs that it is started with, added where it does not ask for them itself."""
    manager, lock = _manager(tree)
    development = next((name for name in DEVELOPMENT if tree.has(name)), "")
    missing = [name for name in tools if name not in _main(tree)]
    return Plan(
        framework=framework,
        language=LANGUAGE,
        version=_version(tree),
        package_manager=manager,
        lock_file=lock,
        start=tuple(words),
        test=tuple(test) if test else None,
        port=port,
        path=tree.path,
        more={"development": development, "tools": " ".join(missing)},
    )


def own_tests(tree: Tree) -> list[str] | None:
    """The command of the application's tests; None where it has none."""
    names = [name for name in tree.files if re.search(r"(^|/)(test_[^/]*|[^/]*_test)\.py$", name)]
    if not names:
        return None
    if "pytest" in requirements(tree):
        return ["python", "-m", "pytest"]
    folder = "tests" if all(name.startswith("tests/") for name in names) else "."
    return ["python", "-m", "unittest", "discover", "--start-directory", folder, "--top-level-directory", "."]


def render(plan: Plan) -> list[str]:
    """The lines of the Dockerfile."""
    base = bases.image(LANGUAGE, plan.version)
    lines = [start(base, "base"), env(SETTINGS), "WORKDIR /app", "", start("base", "dependencies"), run("python -m venv /venv")]
    lines += [env(VENV | ({"UV_PROJECT_ENVIRONMENT": "/venv"} if plan.package_manager == "uv" else {}))]
    lines += [*_installs(plan), *_tools(plan), ""]
    if plan.test:
        lines += [start("dependencies", "test"), *_installs_development(plan), copy(["."], "."), execute(plan.test), ""]
    return [
        *lines,
        start("base"),
        copy(["/venv"], "/venv", "dependencies"),
        env(VENV | {"HOME": "/tmp", "PORT": str(plan.port)}),
        copy(["."], "."),
        USER,
        f"EXPOSE {plan.port}",
        command(plan.start),
    ]


def _installs(plan: Plan) -> Iterator[str]:
    match plan.package_manager:
        case "uv":
            yield copy(["pyproject.toml", "uv.lock"], "./")
            yield trusting(TRUST, f"pip install uv=={bases.tool('uv')}", "uv sync --frozen --no-dev --no-install-project --no-cache")
        case "poetry":
            yield copy(["pyproject.toml", "poetry.lock"], "./")
            yield run("python -m venv /poetry")
            yield trusting(TRUST, f"/poetry/bin/pip install poetry=={bases.tool('poetry')}", _poetry("--only main"))
        case "pip" if plan.lock_file == "pyproject.toml":
            yield copy(["."], ".")
            yield trusting(TRUST, "pip install .")
        case "pip":
            yield copy(["requirements.txt"], "./")
            yield trusting(TRUST, "pip install --requirement requirements.txt")


def _tools(plan: Plan) -> Iterator[str]:
    if names := plan.more.get("tools", "").split():
        yield trusting(TRUST, "pip install " + " ".join(f"{name}=={bases.tool(name)}" for name in names))


def _installs_development(plan: Plan) -> Iterator[str]:
    match plan.package_manager:
        case "uv":
            yield trusting(TRUST, "uv sync --frozen --no-install-project --no-cache")
        case "poetry":
            yield trusting(TRUST, _poetry(""))
    if name := plan.more.get("development"):
        yield copy([name], "/development.txt")
        yield trusting(TRUST, "pip install --requirement /development.txt")


def _poetry(groups: str) -> str:
    return " ".join(["/poetry/bin/poetry install --no-root --no-interaction --no-cache", groups]).strip()


def _manager(tree: Tree) -> tuple[str | None, str | None]:
    for manager, file in (("uv", "uv.lock"), ("poetry", "poetry.lock"), ("pip", "requirements.txt"), ("pip", "pyproject.toml")):
        if tree.has(file):
            return manager, file
    return None, None


def _version(tree: Tree) -> str:
    said = (
        (".python-version", tree.text(".python-version").split("#")[0].strip().splitlines()[:1]),
        ("runtime.txt", re.findall(r"python-([0-9.]+)", tree.text("runtime.txt"))[:1]),
        ("pyproject.toml", [_text(_table(tree.toml("pyproject.toml"), "project").get("requires-python"))]),
    )
    for where, wanted in said:
        if wanted and wanted[0]:
            number = re.fullmatch(r"([0-9]+\.[0-9]+)(\.[0-9]+)?", wanted[0])
            return bases.choose(LANGUAGE, number[1] if number else wanted[0], where)
    return bases.choose(LANGUAGE, "", "")


def _main(tree: Tree) -> set[str]:
    project = tree.toml("pyproject.toml")
    declared = _table(project, "project").get("dependencies", [])
    poetry = _table(project, "tool", "poetry", "dependencies")
    return _names([*tree.text("requirements.txt").splitlines(), *_list(declared), *poetry])


def _development(tree: Tree) -> set[str]:
    project = tree.toml("pyproject.toml")
    groups = [*_table(project, "dependency-groups").values(), *_table(project, "project", "optional-dependencies").values()]
    poetry = [_table(group, "dependencies") for group in _table(project, "tool", "poetry", "group").values() if isinstance(group, Mapping)]
    texts = [line for name in DEVELOPMENT for line in tree.text(name).splitlines()]
    return _names([*texts, *(each for group in groups for each in _list(group)), *(name for group in poetry for name in group)])


def _names(lines: Sequence[Any]) -> set[str]:
    found = (REQUIREMENT.match(line) for line in lines if isinstance(line, str))
    return {re.sub(r"[-_.]+", "-", each[1]).lower() for each in found if each}


def _table(value: Any, *path: str) -> dict[str, Any]:
    for part in path:
        value = value.get(part) if isinstance(value, Mapping) else None
    return dict(value) if isinstance(value, Mapping) else {}


def _list(value: Any) -> list[Any]:
    return value if isinstance(value, list) else []


def _text(value: Any) -> str:
    return value if isinstance(value, str) else ""
