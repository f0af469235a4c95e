"""A repository that brings its own Dockerfile, which is taken as it is."""

import re

from gitops.frameworks.plan import OWN, Plan
from gitops.frameworks.tree import Tree

NAME = OWN
FILE = "Dockerfile"
LOOKS_FOR = "a Dockerfile of the repository's own"
PORT = 8080
TESTS = re.compile(r"^\s*FROM\s+.+\s+AS\s+test\s*$", re.IGNORECASE | re.MULTILINE)


def detect(tree: Tree, port: int | None) -> Plan | None:
    """The plan of a repository with a Dockerfile; None for others. A stage `test` in it is its tests."""
    if not tree.has(FILE):
        return None
    return Plan(framework=NAME, port=port or PORT, path=tree.path, tests=bool(TESTS.search(tree.text(FILE))))
