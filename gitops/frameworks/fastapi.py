"""FastAPI: https://fastapi.tiangolo.com"""

from gitops.frameworks import python
from gitops.frameworks.instructions import listening
from gitops.frameworks.plan import Plan
from gitops.frameworks.tree import Tree

NAME = "fastapi"
LOOKS_FOR = "FastAPI among the requirements, and a module with `app = FastAPI(...)`"
PORT = 8000


def detect(tree: Tree, port: int | None) -> Plan | None:
    """The plan of a FastAPI application; None for others."""
    if "fastapi" not in python.requirements(tree):
        return None
    found = python.module(tree, r"^([A-Za-z_]\w*)\s*(?::[^=\n]+)?=\s*(?:fastapi\.)?FastAPI\(")
    if found is None:
        return None
    words = listening(["uvicorn", f"{found[0]}:{found[1]}", "--host=0.0.0.0", "--timeout-graceful-shutdown=20"], '--port="$PORT"')
    return python.plan(tree, NAME, port=port or PORT, words=words, test=python.own_tests(tree), tools=["uvicorn"])


render = python.render
