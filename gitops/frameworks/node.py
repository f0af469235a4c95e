"""What Node's frameworks have in common."""

import re
from collections.abc import Mapping, Sequence
from typing import Any

from gitops.frameworks import bases
from gitops.frameworks.instructions import copy, env, execute, start, trusting
from gitops.frameworks.plan import Plan
from gitops.frameworks.tree import Tree

LANGUAGE = "node"
FILE = "package.json"
MANAGERS = {"pnpm": "pnpm-lock.yaml", "yarn": "yarn.lock", "npm": "package-lock.json"}
INSTALL = {"npm": "npm ci", "pnpm": "pnpm install --frozen-lockfile", "yarn": "yarn install --frozen-lockfile", "": "npm install"}
PRODUCTION = {"npm": " --omit=dev", "": " --omit=dev", "pnpm": " --prod", "yarn": " --production"}
TRUST = ("NODE_EXTRA_CA_CERTS", "npm_config_cafile")
SETTINGS = {"NEXT_TELEMETRY_DISABLED": "1", "npm_config_cache": "/tmp/npm", "npm_config_update_notifier": "false"}
PLACEHOLDER = "no test specified"
"""In the script that `npm init` writes."""


def dependencies(tree: Tree) -> set[str]:
    """Names of the packages that the application asks for, also those of its development."""
    package = tree.json(FILE)
    return {*_table(package, "dependencies"), *_table(package, "devDependencies")}


def script(tree: Tree, name: str) -> str:
    """A script of package.json; empty where there is none."""
    found = _table(tree.json(FILE), "scripts").get(name)
    return found if isinstance(found, str) else ""


def plan(tree: Tree, framework: str, *, port: int, words: Sequence[str], more: Mapping[str, str] | None = None) -> Plan:
    """The plan of an application in Node."""
    manager = next((name for name, lock in MANAGERS.items() if tree.has(lock)), "")
    test = script(tree, "test")
    return Plan(
        framework=framework,
        language=LANGUAGE,
        version=_version(tree),
        package_manager=manager or "npm",
        lock_file=MANAGERS.get(manager),
        start=tuple(words),
        test=(manager or "npm", "test") if test and PLACEHOLDER not in test else None,
        port=port,
        path=tree.path,
        more=more or {},
    )


def whole(plan: Plan) -> list[str]:
    """A stage with everything that is installed, and the source code."""
    return [start("base", "whole"), *_manifests(plan), trusting(TRUST, *_installs(plan)), copy(["."], "."), ""]


def base(plan: Plan) -> list[str]:
    """What all stages begin with."""
    return [start(bases.image(LANGUAGE, plan.version), "base"), env(SETTINGS), "WORKDIR /app", ""]


def production(plan: Plan) -> list[str]:
    """A stage with what is installed to run it, and nothing else."""
    return [start("base", "dependencies"), *_manifests(plan), trusting(TRUST, *_installs(plan, PRODUCTION)), ""]


def tested(plan: Plan) -> list[str]:
    """The stage of the tests, where there are any."""
    return [start("whole", "test"), env({"CI": "true"}), execute(plan.test), ""] if plan.test else []


def _manifests(plan: Plan) -> list[str]:
    return [copy([FILE, *([plan.lock_file] if plan.lock_file else [])], "./")]


def _installs(plan: Plan, further: Mapping[str, str] | None = None) -> list[str]:
    manager = plan.package_manager if plan.lock_file else ""
    added = [f"npm install --global {manager}@{bases.tool(manager)}"] if manager in {"pnpm", "yarn"} else []
    # An application without dependencies gets no folder from npm, and the image copies one.
    return [*added, INSTALL[manager or ""] + (further or {}).get(manager or "", ""), "mkdir -p node_modules"]


def _version(tree: Tree) -> str:
    engines = _table(tree.json(FILE), "engines").get("node")
    for where, wanted in ((".nvmrc", tree.text(".nvmrc")), (".node-version", tree.text(".node-version")), (FILE, engines)):
        if isinstance(wanted, str) and wanted.strip():
            plain = wanted.strip()
            number = re.fullmatch(r"v?([0-9]+)(\.[0-9]+)*", plain)
            return bases.choose(LANGUAGE, number[1] if number else plain, where)
    return bases.choose(LANGUAGE, "", "")


def _table(value: Any, name: str) -> dict[str, Any]:
    found = value.get(name) if isinstance(value, Mapping) else None
    return found if isinstance(found, dict) else {}
