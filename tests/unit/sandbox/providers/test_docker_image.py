"""An image is built where its files or settings changed, pushed with its login, and says what went wrong without saying secrets."""

import tarfile
import threading
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pulumi_docker
import pytest

from sandbox.providers.docker import Docker
from sandbox.providers.docker import following as module
from sandbox.providers.docker.built import Image
from sandbox.providers.docker.client import Client
from sandbox.providers.plugin import UNKNOWN, Log, Properties, State
from tests.unit.sandbox.providers.contexts import context

NAME = "harbor.dev.test/platform/agent:abc"
DIGEST = "sha256:" + "1" * 64
PASSWORD = "a-robots-secret"
LOGIN = {"server": "harbor.dev.test", "username": "robot$push", "password": PASSWORD}


class Daemon:
    """Stands for `docker.APIClient`: says what it is told to say, and keeps what it was asked."""

    def __init__(self) -> None:
        self.built: list[dict[str, Any]] = []
        self.contexts: list[dict[str, str]] = []
        self.pushed: list[tuple[str, str, Any]] = []
        self.says: list[Properties] = [{"stream": "Step 1/1 : FROM scratch\n"}, {"aux": {"ID": "sha256:2"}}]
        self.answers: list[Properties] = [
            {"status": "The push refers to repository"},
            {"status": "Pushed", "id": "layer", "progressDetail": {}},
            {"status": "abc: digest", "aux": {"Tag": "abc", "Digest": DIGEST}},
        ]

    def build(self, **options: Any) -> Iterator[Properties]:
        with tarfile.open(fileobj=options.pop("fileobj")) as archive:
            self.contexts.append({entry.name: _text(archive, entry) for entry in archive if entry.isfile()})
        self.built.append(options)
        yield from self.says

    def push(self, repository: str, tag: str, *, stream: bool, decode: bool, auth_config: Any) -> Iterator[Properties]:
        self.pushed.append((repository, tag, auth_config))
        yield from self.answers

    def inspect_image(self, identity: str) -> Properties:
        assert identity == "sha256:2"
        return {"Os": "linux", "Architecture": "amd64"}


def _text(archive: tarfile.TarFile, entry: tarfile.TarInfo) -> str:
    file = archive.extractfile(entry)
    assert file is not None
    return file.read().decode()


@pytest.fixture
def daemon() -> Daemon:
    return Daemon()


@pytest.fixture
def image(daemon: Daemon) -> Image:
    client = Client()
    client._connected = daemon
    return Image(client)


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    (tmp_path / "src/__pycache__").mkdir(parents=True)
    for name in ("Dockerfile", "src/a.py", "src/__pycache__/a.pyc", "notes.txt"):
        (tmp_path / name).write_text(f"# {name}\n")
    (tmp_path / ".dockerignore").write_text("# all but these\n*\n!src\n**/__pycache__\n")
    return tmp_path


def checked(image: Image, folder: Path, **inputs: Any) -> Properties:
    build = {"context": str(folder), "dockerfile": str(folder / "Dockerfile"), **inputs.pop("build", {})}
    given, failures = image.check(context(), None, {"imageName": NAME, "build": build, "registry": LOGIN, **inputs})
    assert not failures
    return given


def test_every_input_of_the_sdk_is_covered() -> None:
    resource = Docker().resource("docker:index/image:Image")
    assert isinstance(resource, Image)
    for kind, covered in (
        (pulumi_docker.ImageArgs, Image.covered),
        (pulumi_docker.DockerBuildArgs, Image.nested["build"] - {"contextDigest"}),
        (pulumi_docker.RegistryArgs, Image.nested["registry"]),
    ):
        names = {each for each in vars(kind) if isinstance(vars(kind)[each], property)}
        assert {"".join([name.split("_")[0], *(part.title() for part in name.split("_")[1:])]) for name in names} == covered


def test_it_is_built_and_pushed_with_its_login(image: Image, daemon: Daemon, folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HTTPS_PROXY", "http://proxy.test:3128")
    settings = {"args": {"BASE": "debian"}, "network": "host", "target": "end", "addHosts": ["a.test:10.0.0.1"]}
    state = image.create(context(), checked(image, folder, build={**settings, "cacheFrom": {"images": ["old"]}}))
    (asked,) = daemon.built
    assert asked["buildargs"].items() >= {"BASE": "debian", "HTTPS_PROXY": "http://proxy.test:3128"}.items()
    assert (asked["tag"], asked["network_mode"], asked["target"]) == (NAME, "host", "end")
    assert (asked["extra_hosts"], asked["cache_from"], asked["timeout"]) == ({"a.test": "10.0.0.1"}, ["old"], None)
    assert daemon.contexts[0].keys() == {"Dockerfile", ".dockerignore", "src/a.py"}  # the daemon itself asks for the second
    assert daemon.pushed == [("harbor.dev.test/platform/agent", "abc", {"username": "robot$push", "password": PASSWORD})]
    assert state.id == NAME
    assert state.outputs == {
        "baseImageName": NAME,
        "imageName": NAME,
        "registryServer": "harbor.dev.test",
        "repoDigest": f"harbor.dev.test/platform/agent@{DIGEST}",
        "platform": "linux/amd64",
        "context": str(folder),
        "dockerfile": str(folder / "Dockerfile"),
    }


def test_a_push_can_be_left_out(image: Image, daemon: Daemon, folder: Path) -> None:
    assert image.create(context(), checked(image, folder, skipPush=True)).outputs["repoDigest"] == "sha256:2"
    assert not daemon.pushed


def test_a_dockerfile_may_lie_elsewhere_with_rules_of_its_own(image: Image, daemon: Daemon, folder: Path) -> None:
    (folder / "other").write_text("FROM scratch\n")
    (folder / "other.dockerignore").write_text("*.py\n")
    image.create(context(), checked(image, folder, build={"context": str(folder / "src"), "dockerfile": str(folder / "other")}))
    assert daemon.contexts[0][daemon.built[0]["dockerfile"]] == "FROM scratch\n"
    assert "a.py" not in daemon.contexts[0]


def changed(image: Image, folder: Path, before: Properties, **inputs: Any) -> set[str]:
    diff = image.diff(context(), State(NAME, {}, before), checked(image, folder, **inputs))
    assert not diff.replaces
    return set(diff.changes)


def test_only_what_is_built_of_shows_as_a_change(image: Image, folder: Path) -> None:
    before = checked(image, folder)
    (folder / "notes.txt").write_text("ignored")
    (folder / "src/__pycache__/a.pyc").write_text("ignored")
    (folder / "src/a.py").touch()
    assert changed(image, folder, before) == set()
    assert changed(image, folder, before, registry={**LOGIN, "username": "other", "password": "x"}) == set()
    assert changed(image, folder, before, registry={**LOGIN, "server": "b.test"}) == {"registry.server"}
    assert changed(image, folder, before, build={"args": {"A": "1"}}) == {"build.args"}
    assert changed(image, folder, before, imageName=NAME + "d") == {"imageName"}


@pytest.mark.parametrize("change", ["content", "mode", "new", "gone", "link", "dockerfile"])
def test_every_change_of_a_file_shows(image: Image, folder: Path, change: str) -> None:
    before, file = checked(image, folder), folder / "src/a.py"
    match change:
        case "content":
            file.write_text("# src/b.py\n")
        case "mode":
            file.chmod(0o755)
        case "new":
            (folder / "src/b.py").touch()
        case "gone":
            file.unlink()
        case "link":
            file.unlink()
            file.symlink_to("b.py")
        case "dockerfile":
            (folder / "Dockerfile").write_text("FROM debian\n")
    assert changed(image, folder, before) == {"build.contextDigest"}


def test_a_preview_builds_nothing(image: Image, daemon: Daemon, folder: Path) -> None:
    inputs = {**checked(image, folder), "registry": UNKNOWN}
    state = image.create(context(preview=True), inputs)
    assert (state.outputs["imageName"], state.outputs["repoDigest"], state.outputs["registryServer"]) == (NAME, UNKNOWN, UNKNOWN)
    assert image.update(context(preview=True), State(NAME, {"repoDigest": "old"}), inputs).outputs["repoDigest"] is UNKNOWN
    assert not daemon.built


def test_a_preview_builds_where_it_is_told_to_and_pushes_nothing(image: Image, daemon: Daemon, folder: Path) -> None:
    image.create(context(preview=True), checked(image, folder, buildOnPreview=True))
    assert (len(daemon.built), daemon.pushed) == (1, [])
    image.create(context(preview=True), checked(image, folder, buildOnPreview=True, build={"args": {"A": UNKNOWN}}))
    assert len(daemon.built) == 1


def test_what_is_not_known_yet_is_no_failure(image: Image) -> None:
    for build in (UNKNOWN, {"context": UNKNOWN}):
        inputs, failures = image.check(context(), None, {"imageName": UNKNOWN, "build": build})
        assert not failures
        assert image.create(context(preview=True), inputs).outputs["context"] is UNKNOWN


@pytest.mark.parametrize(
    ("build", "property", "reason"),
    [
        ({"context": "/nowhere"}, "build.context", "/nowhere is no folder"),
        ({"dockerfile": "/nowhere/Dockerfile"}, "build.context", "no Dockerfile /nowhere/Dockerfile"),
        ({"builderVersion": "V3"}, "build.builderVersion", "'V3': expected one of BuilderV1, BuilderBuildKit"),
        ({"secrets": {}}, "build.secrets", "does not cover"),
    ],
)
def test_what_cannot_be_built_is_refused(image: Image, folder: Path, build: Properties, property: str, reason: str) -> None:
    (failure,) = image.check(context(), None, {"imageName": NAME, "build": {"context": str(folder), **build}})[1]
    assert failure.property == property
    assert reason in failure.reason


def test_buildkit_falls_back_to_the_first_builder(image: Image, daemon: Daemon, folder: Path) -> None:
    image.create(context(), checked(image, folder, build={"builderVersion": "BuilderBuildKit"}))
    assert len(daemon.built) == 1


def test_a_failed_build_shows_its_last_lines_and_no_secret(image: Image, daemon: Daemon, folder: Path) -> None:
    lines = [{"stream": f"line {number} {PASSWORD}\n"} for number in range(40)]
    daemon.says = [*lines, {"stream": "\x1b[91mlast\x1b[0m\n"}, {"error": f"returned 1 with {PASSWORD}"}]
    with pytest.raises(RuntimeError, match=r"building \S+ failed: returned 1") as failed:
        image.create(context(), checked(image, folder))
    shown = str(failed.value)
    assert "  last\n" in shown
    assert "line 39" in shown
    assert "line 9 " not in shown
    assert PASSWORD not in shown
    assert not daemon.pushed


def test_a_refused_push_says_what_the_registry_said(image: Image, daemon: Daemon, folder: Path) -> None:
    daemon.answers = [{"error": f"unauthorized: {PASSWORD}"}]
    with pytest.raises(RuntimeError, match=r"pushing \S+ failed: unauthorized") as failed:
        image.create(context(), checked(image, folder))
    assert PASSWORD not in str(failed.value)


class Messages(Log):
    def __init__(self) -> None:
        self.all: list[str] = []

    def status(self, message: str) -> None:
        self.all.append(message)


def test_long_work_says_what_it_waits_for(image: Image, daemon: Daemon, folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    quick, slow = Messages(), Messages()
    image.create(context(log=quick), checked(image, folder))
    assert quick.all == [f"building {NAME}", f"pushing {NAME}"]
    monkeypatch.setattr(module, "_SHOW_SECONDS", 0.0)
    image.create(context(log=slow), checked(image, folder))
    assert f"building {NAME}: Step 1/1 : FROM scratch" in slow.all
    assert slow.all[-1] == f"pushing {NAME}: 1 of 1 layers"


@pytest.mark.parametrize(("timeout", "error"), [(0.0, RuntimeError), (0.05, TimeoutError)])
def test_a_silent_build_is_left_at_once(image: Image, daemon: Daemon, folder: Path, timeout: float, error: type[Exception]) -> None:
    never = threading.Event()
    monkey: Any = daemon
    monkey.build = lambda **_: never.wait() or ()
    stopped = context(timeout=timeout)
    if not timeout:
        stopped.cancelled.set()
    with pytest.raises(error, match="building"):
        image.create(stopped, checked(image, folder))
    never.set()


def test_deletion_leaves_the_registry_alone(image: Image, daemon: Daemon) -> None:
    image.delete(context(), State(NAME, {}))
    assert not daemon.pushed
