"""State that a team shares: two checkouts and one stack, in a bucket of a real server of the S3 API. Only the program is a small one."""

import os
import re
import shutil
import signal
import subprocess
import sys
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

import pytest

from sandbox import s3
from sandbox.cache import ROOT
from sandbox.images import build as images
from sandbox.s3 import Bucket
from sandbox.tools import build as tools
from tests.e2e.support import Platform, eventually

STACK = "shared"
ROOMS = ("ops", "stacks", "components", "gitops")
PROGRAM = '''"""Some passwords; while the file `hold` is there, the program waits between the first and the others."""

import time
from pathlib import Path

import pulumi
import pulumi_random as random

first = random.RandomPassword("first", length=16, special=False)


def wait(_: str) -> str:
    Path("reached").touch()
    while Path("hold").exists():
        time.sleep(0.02)
    return "x"


keeper = first.result.apply(wait)
for number in range(3):
    made = random.RandomPassword(f"later-{number}", length=16, keepers={"after": keeper})
    pulumi.export(f"later-{number}", made.result)
pulumi.export("first", first.result)
'''


@dataclass(frozen=True)
class Checkout:
    """A copy of the project, whose commands work on the shared stack."""

    folder: Path
    environment: Mapping[str, str]

    def start(self, *command: str) -> "subprocess.Popen[str]":
        """Start a command in a process group of its own."""
        pipe, null = subprocess.PIPE, subprocess.DEVNULL
        return subprocess.Popen(
            command, cwd=self.folder, env=self.environment, stdin=null, stdout=pipe, stderr=subprocess.STDOUT, text=True,
            start_new_session=True,
        )  # fmt: skip

    def run(self, *command: str) -> "subprocess.CompletedProcess[str]":
        """Run a command to its end; its whole output is in `stdout`."""
        with self.start(*command) as process:
            printed, _ = process.communicate()
        return subprocess.CompletedProcess(command, process.returncode, printed)

    def pulumi(self, *arguments: str) -> str:
        """Run `pulumi`, which must do well."""
        done = self.run("pulumi", *arguments, "--non-interactive")
        assert done.returncode == 0, done.stdout
        return done.stdout

    def slipway(self, *arguments: str) -> "subprocess.CompletedProcess[str]":
        """Run this checkout's own `slipway`."""
        return self.run(sys.executable, "-c", "from ops.cli import main; main()", *arguments)

    def held(self, *options: str) -> "subprocess.Popen[str]":
        """Start an update, and come back when it holds the stack and has made the first password."""
        (self.folder / "hold").touch()
        (self.folder / "reached").unlink(missing_ok=True)
        run = self.start("pulumi", "up", "--yes", "--skip-preview", "--non-interactive", *options)
        eventually((self.folder / "reached").exists, 60, "the update is in its middle")
        return run

    def release(self, run: "subprocess.Popen[str]") -> str:
        """Let a held update go on to its end; returns what it printed."""
        (self.folder / "hold").unlink()
        printed, _ = run.communicate(timeout=120)
        return printed

    def outputs(self) -> str:
        return self.pulumi("stack", "output", "--json", "--show-secrets")


@pytest.fixture(scope="module")
def bucket(platform: Platform) -> Bucket:
    base = images.ensure(platform.docker, tools.ensure())["base"]
    return s3.ensure(platform.docker, platform.sandbox, base)


@pytest.fixture(scope="module")
def checkouts(platform: Platform, bucket: Bucket, tmp_path_factory: pytest.TempPathFactory) -> tuple[Checkout, Checkout]:
    own = {**bucket.environment, "PULUMI_BACKEND_URL": bucket.url, "PULUMI_STACK": STACK}
    left_out = ("PULUMI_OPTION_CONFIG_FILE", "KUBECONFIG")
    environment = {name: value for name, value in (platform.stack.environ() | own).items() if name not in left_out}
    first, second = (Checkout(_copy(tmp_path_factory.mktemp("checkout")), environment) for _ in range(2))
    first.pulumi("stack", "init", STACK)
    shutil.copyfile(first.folder / f"Pulumi.{STACK}.yaml", second.folder / f"Pulumi.{STACK}.yaml")  # as Git brings it
    return first, second


def _copy(folder: Path) -> Path:
    for room in ROOMS:
        shutil.copytree(ROOT / room, folder / room, ignore=shutil.ignore_patterns("__pycache__"))
    for file in ("naming.py", "Pulumi.yaml"):
        shutil.copyfile(ROOT / file, folder / file)
    (folder / ".venv").symlink_to(Path(sys.executable).parent.parent)
    (folder / "__main__.py").write_text(PROGRAM)
    return folder


@pytest.fixture
def pair(checkouts: tuple[Checkout, Checkout]) -> Iterator[tuple[Checkout, Checkout]]:
    """Both checkouts on a stack that nobody holds and nothing is in."""
    yield checkouts
    first, _ = checkouts
    (first.folder / "hold").unlink(missing_ok=True)
    first.run("pulumi", "cancel", "--yes", "--non-interactive")
    first.pulumi("destroy", "--yes", "--skip-preview")


def test_two_checkouts_share_one_state(pair: tuple[Checkout, Checkout], bucket: Bucket) -> None:
    first, second = pair
    first.pulumi("up", "--yes", "--skip-preview")
    second.pulumi("preview", "--expect-no-changes")
    assert second.outputs() == first.outputs()
    told = second.slipway("state", "show")
    assert told.returncode == 0, told.stdout
    assert f"{STACK}: " in told.stdout
    assert "s3://state" in told.stdout
    assert "held by" not in told.stdout
    for secret in bucket.environment.values():
        assert secret in {"us-east-1", s3.USER} or secret not in told.stdout


def test_a_held_lock_is_told_and_a_live_run_keeps_it(pair: tuple[Checkout, Checkout]) -> None:
    first, second = pair
    with first.held() as run:
        shown = second.slipway("state", "show")
        assert re.search(rf"held by \S+ on \S+, process {run.pid}, since \d{{4}}-", shown.stdout), shown.stdout
        refused = second.slipway("up")
        assert refused.returncode == 1
        assert f"Another run holds the stack {STACK}" in refused.stdout
        assert f"process {run.pid}" in refused.stdout
        assert "slipway state unlock" in refused.stdout
        kept = second.slipway("state", "unlock", "--yes")
        assert kept.returncode == 1
        assert "End it first" in kept.stdout
        assert "+ 5 created" in first.release(run), "it was not disturbed"


def test_the_lock_of_a_dead_run_is_freed_by_command(pair: tuple[Checkout, Checkout]) -> None:
    first, second = pair
    with first.held() as run:
        os.killpg(run.pid, signal.SIGKILL)
        run.wait()
    (first.folder / "hold").unlink()
    freed = second.slipway("state", "unlock")
    assert freed.returncode == 0, freed.stdout
    assert f"process {run.pid}" in freed.stdout
    again = second.slipway("state", "unlock")
    assert "Nobody holds" in again.stdout
    assert second.slipway("up").returncode == 0
    first.pulumi("preview", "--expect-no-changes")


@pytest.mark.parametrize("comes_back", [True, False], ids=["it comes back", "the run is given up"])
def test_a_connection_lost_in_mid_update_loses_nothing(pair: tuple[Checkout, Checkout], bucket: Bucket, comes_back: bool) -> None:
    first, second = pair
    with first.held("--logtostderr", "-v=7") as run:
        before = first.pulumi("stack", "export", "--show-secrets")
        bucket.container.stop(timeout=1)
        (first.folder / "hold").unlink()
        # The engine tries a write eleven times, which takes it over half a minute.
        assert run.stdout is not None
        assert any("Error while writing snapshot" in line for line in run.stdout), "it had nothing to write"
        if comes_back:
            bucket.container.start()
            run.communicate(timeout=120)
            assert run.returncode == 0
        else:
            gone = second.slipway("state", "show")
            assert gone.returncode == 1
            assert "PULUMI_BACKEND_URL" in gone.stdout
            os.killpg(run.pid, signal.SIGKILL)
            run.communicate()
            bucket.container.start()
            eventually(lambda: second.run("pulumi", "stack", "ls", "--non-interactive").returncode == 0, 30, "the server answers again")
            assert second.slipway("state", "unlock").returncode == 0
    if not comes_back:
        done = second.slipway("up")
        assert done.returncode == 0, done.stdout
    assert _first(second.outputs()) in before, "what was made before is still there"
    first.pulumi("preview", "--expect-no-changes")


def _first(outputs: str) -> str:
    found = re.search(r'"first": "(.*)"', outputs)
    assert found is not None
    return str(found[1])
