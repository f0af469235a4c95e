"""`slipway sandbox demo`: on a running sandbox a good version, a broken one, a third, a rollback, and drift that is healed."""

import json
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path

import click
import httpx
from gitlab.v4.objects import Project, ProjectCommit

from gitops.starter import NAMES
from naming import namespace, release_name
from sandbox import hosts
from sandbox.cache import ROOT
from sandbox.errors import SandboxError
from sandbox.outside import Outside
from sandbox.progress import duration, step
from sandbox.sample import source
from sandbox.sample.pipeline import MARK, SOURCE
from sandbox.sample.release import SAMPLE, variables
from sandbox.stack import Stack

SECONDS = 600.0
BROKEN = 'if "APP_VERSION" in os.environ:\n    raise RuntimeError("demo: the database does not answer")\n'
"""What makes a version whose tests pass, and which ends as soon as it runs in the cluster."""
WHERE = release_name(SAMPLE)


def demo(stack: Stack, world: Outside) -> None:
    """Show the whole loop on the sample application, and say where to look. Raises SandboxError where something goes another way."""
    if not hosts.writable():
        raise SandboxError("The demonstration needs Jenkins, which this sandbox has not. Next: run `make up` and `make demo` as root.")
    show = _Show(stack, world)
    now = show.version()
    state = f"answers in version {now}" if now else "does not answer now"
    show.say(f"{SAMPLE} {state} at http://{show.host}/; its repository is {show.project.web_url}")
    first = show.good("first", "A good version is pushed.")
    show.broken("Then a broken one: its tests pass, and it ends as soon as it runs in the cluster.")
    show.good("third", "A third version mends it.")
    show.roll_back(first)
    show.heal()
    show.say(
        f"Look at http://jenkins.{stack.name}.test/ (jobs), http://argocd.{stack.name}.test/ (what runs), and at the commits' statuses in "
        f"{show.project.web_url}/-/commits/main; `slipway release history {SAMPLE}` lists what was released."
    )


class _Show:
    def __init__(self, stack: Stack, world: Outside) -> None:
        self.stack, self.world = stack, world
        self.project: Project = source.repository(stack, world, SAMPLE)
        self.host = f"{SAMPLE.project}.{stack.name}.test"

    def say(self, text: str) -> None:
        click.echo(text)

    def version(self) -> str:
        """The version that answers; empty while none does."""
        node = f"http://{self.world.addresses.node(self.stack.place)}/"
        try:
            answer = httpx.get(node, headers={"Host": self.host}, trust_env=False, timeout=5)
            return str(answer.json()["version"]) if answer.is_success else ""
        except (httpx.HTTPError, ValueError, KeyError):
            return ""

    def good(self, name: str, what: str) -> str:
        """Push a version and wait until it answers; returns it."""
        self.say(f"\n{what}")
        commit = self._push(name, "")
        began = time.monotonic()
        for status in source.STATUSES:
            with step(f"{status} of {commit.short_id}"):
                source.until_passed(commit, status, began + SECONDS)
        told = source.statuses(commit)["slipway/deploy"]
        version = str(told.description).partition(" ")[0]
        self._until(lambda: bool(self.version()), f"{version} answers")
        self.say(f"  {version} answers {duration(time.monotonic() - began)} after the push; see {told.target_url}")
        return version

    def broken(self, what: str) -> None:
        """Push a version that does not run, and see that the one before stays."""
        self.say(f"\n{what}")
        before = self.version()
        commit = self._push("second", BROKEN)
        try:
            with step(f"slipway/deploy of {commit.short_id}"):
                source.until_passed(commit, "slipway/deploy", time.monotonic() + SECONDS)
        except SandboxError as error:
            self.say(f"  {error}".replace("\n", "\n  "))
        else:
            raise SandboxError("The broken version was deployed. Next: see its pods.")
        if self.version() != before:
            raise SandboxError(f"{before} does not answer any more. Next: see the pods of {WHERE} in {namespace(SAMPLE.user)}.")
        self.say(f"  {before} goes on answering")

    def roll_back(self, version: str) -> None:
        """Bring a version back through the update job."""
        self.say(f"\nBack to {version}, as a person does it: slipway rollback {SAMPLE} --to {version}")
        began = time.monotonic()
        command = [str(Path(sys.executable).parent / "slipway"), "rollback", str(SAMPLE), "--to", version]
        environment = self.stack.environ() | variables(self.stack)
        with step(f"rolling back to {version}"):
            done = subprocess.run(command, cwd=ROOT, env=environment, stdin=subprocess.DEVNULL, capture_output=True, text=True, check=False)
            if done.returncode:
                raise SandboxError(done.stderr.strip()[-2000:])
            self._until(lambda: bool(self.version()), f"{version} answers")
        self.say(f"  {version} answers again after {duration(time.monotonic() - began)}; {done.stdout.strip().splitlines()[-1]}")

    def heal(self) -> None:
        """Delete the Deployment by hand, and see it come back."""
        where = ("-n", namespace(SAMPLE.user))
        self.say(f"\nDrift: kubectl {' '.join(where)} delete deployment {WHERE}")
        before = self._kubectl(*where, "get", "deployment", WHERE, "-o", "jsonpath={.metadata.uid}")
        self._kubectl(*where, "delete", "deployment", WHERE, "--wait=false")
        began = time.monotonic()

        def back() -> bool:
            found = json.loads(self._kubectl(*where, "get", "deployment", WHERE, "-o", "json", "--ignore-not-found") or "{}")
            return bool(found) and found["metadata"]["uid"] != before and found.get("status", {}).get("availableReplicas", 0) > 0

        with step("waiting for Argo CD to make it again"):
            self._until(back, f"the Deployment {WHERE} is there again")
        self.say(f"  Argo CD has made it again after {duration(time.monotonic() - began)}; {self.version()} answers")

    def _push(self, name: str, before: str) -> ProjectCommit:
        files = source.files(SOURCE)
        files["app.py"] = f"{files['app.py']}\n{before}# The {name} version of `make demo`, of {time.strftime('%Y-%m-%d %H:%M:%S')}.\n"
        message = f"The {name} version\n\n{MARK}demo"
        with step(f"pushing it to {self.project.web_url}"):
            return source.replace(self.project, files, message, but=NAMES)

    def _kubectl(self, *arguments: str) -> str:
        done = subprocess.run(["kubectl", *arguments], env=self.stack.environ(), capture_output=True, text=True, check=False)
        if done.returncode:
            raise SandboxError(f"`kubectl {' '.join(arguments)}` failed: {done.stderr.strip()}")
        return done.stdout

    def _until(self, condition: Callable[[], bool], what: str) -> None:
        deadline = time.monotonic() + SECONDS
        while not condition():
            if time.monotonic() > deadline:
                raise SandboxError(f"{what}: not after {SECONDS:.0f} s. Next: see {self.project.web_url}/-/commits/main.")
            time.sleep(source.PAUSE)
