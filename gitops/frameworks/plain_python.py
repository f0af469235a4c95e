"""Python without a framework that is known: a program that listens on $PORT."""

from gitops.frameworks import python
from gitops.frameworks.plan import Plan
from gitops.frameworks.tree import Tree

NAME = "python"
PROGRAMS = ("main.py", "app.py", "server.py", "run.py")
LOOKS_FOR = f"requirements.txt or pyproject.toml, and one of {', '.join(PROGRAMS)}"
PORT = 8000


def detect(tree: Tree, port: int | None) -> Plan | None:
    """The plan of a program in Python; None for others."""
    program = next((name for name in PROGRAMS if tree.has(name)), None)
    if program is None or not (tree.has("requirements.txt") or tree.has("pyproject.toml")):
        return None
    return python.plan(tree, NAME, port=port or PORT, words=["python", program], test=python.own_tests(tree))


render = python.render
