"""Django: https://docs.djangoproject.com"""

import re

from gitops.frameworks import python
from gitops.frameworks.plan import Plan
from gitops.frameworks.tree import Tree

NAME = "django"
LOOKS_FOR = "manage.py, and Django among the requirements of requirements.txt or pyproject.toml"
PORT = 8000
# Its heartbeat wants a memory file system, and its control socket a writable home, which a pod with a read-only root does not have.
SERVER = ("gunicorn", "--threads=4", "--graceful-timeout=20", "--worker-tmp-dir=/dev/shm")


def detect(tree: Tree, port: int | None) -> Plan | None:
    """The plan of a Django project; None for others."""
    if not tree.has("manage.py") or "django" not in python.requirements(tree):
        return None
    package = next((name.removesuffix("/wsgi.py") for name in tree.files if re.fullmatch(r"[A-Za-z_]\w*/wsgi\.py", name)), "config")
    tests = [name for name in tree.files if re.search(r"(^|/)tests?([^/]*\.py|/)", name)]
    test = ["python", "manage.py", "test"] if tests else None
    return python.plan(tree, NAME, port=port or PORT, words=[*SERVER, f"{package}.wsgi:application"], test=test, tools=["gunicorn"])


render = python.render
