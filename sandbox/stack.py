"""A Pulumi stack of the sandbox: its backend, its configuration, and the real `pulumi` run on this checkout."""

import json
import os
import secrets
import shutil
import subprocess
import sys
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import yaml

from sandbox.cache import ROOT, write
from sandbox.containers import POOL
from sandbox.errors import SandboxError
from sandbox.instance import Sandbox
from sandbox.providers.install import STAND_IN, install

COMMANDS = ("pulumi", "kubectl", "helm", "argocd")


@dataclass(frozen=True)
class Stack:
    """The stack `name` in a sandbox. `environment` is what its commands run with, beside the caller's own."""

    sandbox: Sandbox
    name: str
    environment: Mapping[str, str]

    @property
    def place(self) -> int:
        """The stack's place in the sandbox, which is also its node's number."""
        return places(self.sandbox).index(self.name)

    @property
    def kubeconfig(self) -> Path:
        """The cluster's kubeconfig, there after `up`."""
        return self.sandbox.folder / "stacks" / f"{self.name}.kubeconfig"

    @property
    def argocd_token(self) -> Path:
        """The file with the token by which releases look at applications in Argo CD, there after `up`."""
        return self.sandbox.folder / "stacks" / f"{self.name}.argocd-token"

    @property
    def jenkins_password(self) -> Path:
        """The file with the password of Jenkins' administrator, there after an `up` with Jenkins."""
        return self.sandbox.folder / "stacks" / f"{self.name}.jenkins-password"

    @property
    def ca_bundle(self) -> Path:
        """The file with the authorities that the stack's clients trust beside the public ones, there after `up`."""
        return self.sandbox.folder / "stacks" / f"{self.name}.ca.pem"

    @property
    def config(self) -> Path:
        """The stack's configuration; Pulumi keeps the key's salt in it, so it lies outside the checkout."""
        return _project(self.sandbox) / f"Pulumi.{self.name}.yaml"

    def variables(self) -> dict[str, str]:
        """The environment for commands run by hand."""
        return {
            **self.environment,
            "PULUMI_STACK": self.name,
            "PULUMI_OPTION_CONFIG_FILE": str(self.config),
            "KUBECONFIG": str(self.kubeconfig),
        }

    def environ(self) -> dict[str, str]:
        """The whole environment of a command: the caller's with the stack's, without a passphrase that would go before its file."""
        return {name: value for name, value in (os.environ | self.variables()).items() if name != "PULUMI_CONFIG_PASSPHRASE"}

    def pulumi(self, *arguments: str, folder: Path = ROOT, text: str | None = None, variables: Mapping[str, str] | None = None) -> str:
        """Run `pulumi` quietly, with further environment variables, and return what it prints. Raises SandboxError with its message."""
        result = subprocess.run(
            ["pulumi", *arguments, "--non-interactive"],
            cwd=folder,
            env=self.environ() | dict(variables or {}),
            input=text,
            capture_output=True,
            text=True,
            check=False,
        )
        if result.returncode:
            raise SandboxError(f"`pulumi {' '.join(arguments)}` failed:\n{(result.stderr or result.stdout).strip()}")
        return result.stdout

    def show(self, *arguments: str, **variables: str) -> None:
        """Run `pulumi` with its output on this terminal, and with further environment variables. Raises SandboxError when it fails."""
        command = ["pulumi", *arguments, "--yes", "--skip-preview", *([] if sys.stdout.isatty() else ["--non-interactive"])]
        result = subprocess.run(command, cwd=ROOT, env=self.environ() | variables, check=False)
        if result.returncode:
            raise SandboxError(
                f"`pulumi {' '.join(arguments)}` on the stack {self.name} ended with exit code {result.returncode}: see above.\n"
                "Next: mend what they name and run this again: what was made is kept, and the next run goes on from there."
            )

    def locks(self) -> Iterator[Path]:
        """The lock files in the state backend: JSON with pid, hostname and timestamp of the run that holds the stack."""
        return (self.sandbox.folder / "state" / ".pulumi" / "locks").glob(f"*/*/{self.name}/*.json")

    def exists(self) -> bool:
        """Whether the stack was initialised."""
        return self.config.is_file() and self.name in self.known()

    def known(self) -> set[str]:
        """The stacks in the state backend."""
        return {stack["name"] for stack in json.loads(self.pulumi("stack", "ls", "--json"))}

    def outputs(self) -> dict[str, Any]:
        """The stack's outputs, secrets in clear: never print them."""
        return dict(json.loads(self.pulumi("stack", "output", "--json", "--show-secrets")))


def prepare(sandbox: Sandbox, name: str, tools: Mapping[str, Path], docker_host: str) -> Stack:
    """The stack with everything its commands need: tools and plugins on PATH, a state backend, a passphrase."""
    folder = sandbox.folder
    home, state, programs = folder / "pulumi", folder / "state", folder / "bin"
    for path in (home, state, programs, folder / "stacks", _project(sandbox)):
        path.mkdir(mode=0o700, parents=True, exist_ok=True)
    _share_plugins(home)
    for command in COMMANDS:
        # A hard link where possible: the engine takes a language host beside itself as its own, and warns of one elsewhere on PATH.
        _link(programs / command, tools[command], hard=True)
    install(programs, home)
    if not sandbox.secret("passphrase").exists():
        write(sandbox.secret("passphrase"), secrets.token_urlsafe(24))
    proxy = sandbox.proxy.read_text() if sandbox.proxy.is_file() else ""
    beyond = os.environ.get("NO_PROXY") or os.environ.get("no_proxy")
    # Pulumi's own parts talk to each other on the loopback address.
    no_proxy = ",".join(filter(None, [beyond, "localhost", "127.0.0.1", "" if proxy else ".test", str(POOL)]))
    environment = {
        "PATH": f"{programs}{os.pathsep}{os.environ['PATH']}",
        "PULUMI_HOME": str(home),
        # Without the side files: a kill may leave an empty one, which stops every command; the state itself is replaced in one step.
        # https://pkg.go.dev/gocloud.dev/blob/fileblob#URLOpener
        "PULUMI_BACKEND_URL": f"file://{state}?metadata=skip",
        "PULUMI_CONFIG_PASSPHRASE_FILE": str(sandbox.secret("passphrase")),
        "PULUMI_SKIP_UPDATE_CHECK": "true",
        "PULUMI_DISABLE_AUTOMATIC_PLUGIN_ACQUISITION": "true",
        "DOCKER_HOST": docker_host,
        # The sandbox's addresses and names are on this machine: no proxy knows them.
        "NO_PROXY": no_proxy,
        "no_proxy": no_proxy,
        **(dict.fromkeys(("HTTPS_PROXY", "https_proxy"), proxy) if proxy else {}),
    }
    return Stack(sandbox, name, environment)


def configure(stack: Stack, settings: Mapping[str, Any], gitlab_token: str) -> None:
    """Initialise the stack where needed and write its configuration; the token goes in by standard input, encrypted."""
    project = _project(stack.sandbox)
    shutil.copyfile(ROOT / "Pulumi.yaml", project / "Pulumi.yaml")
    if not stack.exists():
        if stack.name in stack.known():  # an initialisation that was killed: without --force only an empty one goes
            stack.pulumi("stack", "rm", stack.name, "--yes", "--preserve-config", folder=project)
        # `stack init` writes the salt into the project's own file, whatever PULUMI_OPTION_CONFIG_FILE says: hence this copy of the project.
        stack.pulumi("stack", "init", stack.name, folder=project)
    written: dict[str, Any] = yaml.safe_load(stack.config.read_text()) or {}
    previous = written.get("config", {})
    wanted = {f"slipway:{key}": value for key, value in settings.items()}
    kept = previous.get("slipway:gitlab", {}).get("token")
    if kept:
        wanted["slipway:gitlab"] = {**wanted["slipway:gitlab"], "token": kept}
    if previous != wanted:
        write(stack.config, yaml.safe_dump(written | {"config": wanted}, sort_keys=False))
    if not kept:
        stack.pulumi("config", "set", "--secret", "--path", "slipway:gitlab.token", folder=project, text=gitlab_token)


def places(sandbox: Sandbox) -> list[str]:
    """The stacks of the sandbox, in the order of their first `up`: a stack's place is also its node's number."""
    file = sandbox.folder / "stacks.json"
    return list(json.loads(file.read_text())) if file.is_file() else []


def register(sandbox: Sandbox, name: str) -> list[str]:
    """Add a stack to the sandbox's list; a removed one's place is taken again. Returns the list (an empty name is a free place)."""
    known = places(sandbox)
    if name not in known:
        known = [*known[: known.index("")], name, *known[known.index("") + 1 :]] if "" in known else [*known, name]
        _write_places(sandbox, known)
    return known


def forget(sandbox: Sandbox, name: str) -> None:
    """Free the stack's place."""
    _write_places(sandbox, ["" if known == name else known for known in places(sandbox)])


def _write_places(sandbox: Sandbox, known: list[str]) -> None:
    write(sandbox.folder / "stacks.json", json.dumps(known))


def _project(sandbox: Sandbox) -> Path:
    return sandbox.folder / "project"


def _share_plugins(home: Path) -> None:
    """Official plugins that this user has installed are used, although the sandbox has a Pulumi home of its own."""
    (home / "plugins").mkdir(exist_ok=True)
    installed = Path(os.environ.get("PULUMI_HOME") or Path.home() / ".pulumi") / "plugins"
    for plugin in installed.glob("*-v*"):
        official = plugin.resolve()
        if official.is_dir() and not (official / STAND_IN).exists():
            _link(home / "plugins" / plugin.name, official)


def _link(link: Path, target: Path, *, hard: bool = False) -> None:
    if link.is_symlink() != hard and link.exists() and link.samefile(target):
        return
    part = link.with_name(f".{link.name}.part")
    part.unlink(missing_ok=True)
    if not (hard and _hard_linked(part, target)):
        part.symlink_to(target)
    part.replace(link)


def _hard_linked(link: Path, target: Path) -> bool:
    try:
        link.hardlink_to(target)
    except OSError:  # on another file system, or a program of another user
        return False
    return True
