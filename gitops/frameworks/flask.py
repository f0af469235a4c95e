"""Flask: https://flask.palletsprojects.com"""

from gitops.frameworks import python
from gitops.frameworks.django import PORT, SERVER
from gitops.frameworks.plan import Plan
from gitops.frameworks.tree import Tree

NAME = "flask"
LOOKS_FOR = (
    "Flask among the requirements, and a module that makes it: `app = Flask(...)` or `def create_app(` in app.py, main.py, wsgi.py, ..."
)


def detect(tree: Tree, port: int | None) -> Plan | None:
    """The plan of a Flask application; None for others."""
    if "flask" not in python.requirements(tree):
        return None
    if found := python.module(tree, r"^([A-Za-z_]\w*)\s*(?::[^=\n]+)?=\s*(?:flask\.)?Flask\("):
        name = f"{found[0]}:{found[1]}"
    elif found := python.module(tree, r"^def (create_app|make_app)\("):
        name = f"{found[0]}:{found[1]}()"
    else:
        return None
    return python.plan(tree, NAME, port=port or PORT, words=[*SERVER, name], test=python.own_tests(tree), tools=["gunicorn"])


render = python.render
