"""Files that leave the pod: artifacts, which stay with the build, and stashes, which go to another pod of it."""

import shutil
import tarfile
from collections.abc import Iterator
from pathlib import Path, PurePosixPath
from typing import BinaryIO, Final
from uuid import uuid4

from sandbox.services.jenkins.model import StepError
from sandbox.services.jenkins.running import exec, globs
from sandbox.services.jenkins.running.session import Scene
from sandbox.services.jenkins.running.shell import document, quoted
from sandbox.services.jenkins.running.steps.registry import Arguments, flag, step

LARGEST: Final = 100 << 20
SPOOL: Final = LARGEST + (28 << 20)
LINKS: Final = ".//"
"""Between the names of files and those of links: no name that `find` writes is this."""


@step("archiveArtifacts")
def archive_artifacts(scene: Scene, arguments: Arguments) -> None:
    """Keep files with the build."""
    scene.say("Archiving artifacts")
    patterns = str(arguments["artifacts"])
    defaults, case = flag(arguments, "defaultExcludes", True), flag(arguments, "caseSensitive", True)
    names = _names(scene, patterns, str(arguments.get("excludes") or ""), defaults=defaults, case=case)
    if not names:
        text = f'No artifacts found that match the file pattern "{patterns}". Configuration error?'
        if not flag(arguments, "allowEmptyArchive"):
            raise StepError(text)
        scene.say(text)
        return
    spool = _packed(scene, names)
    try:
        _keep(scene, spool)
    finally:
        spool.unlink()


@step("stash")
def stash(scene: Scene, arguments: Arguments) -> None:
    """Keep files for another agent of the build."""
    name, defaults = str(arguments["name"]), flag(arguments, "useDefaultExcludes", True)
    names = _names(scene, str(arguments.get("includes") or ""), str(arguments.get("excludes") or ""), defaults=defaults)
    if not names and not flag(arguments, "allowEmpty"):
        raise StepError(f"No files included in stash '{name}'")
    spool = _packed(scene, names)
    with scene.session.lock:
        before = scene.session.stashes.get(name)
        scene.session.stashes[name] = spool
    if before:
        before.unlink(missing_ok=True)
    scene.say(f"Stashed {len(names)} file(s)")


@step("unstash")
def unstash(scene: Scene, arguments: Arguments) -> None:
    """Put the files of a stash into the current folder."""
    spool = scene.session.stashes.get(str(arguments["name"]))
    if spool is None:
        known = ", ".join(sorted(scene.session.stashes)) or "none"
        raise StepError(f"No such saved stash '{arguments['name']}'; there is: {known}")
    data, folder = spool.read_bytes(), quoted(scene.directory())
    if data:
        # Without `-m`, and as whom it runs: owners are not kept.
        program = f"mkdir -p {folder} && cd {folder} && head -c {len(data)} | tar -xof -"
        exec.feed(scene.files(), program, data, "unstash", scene.stopped)


def _names(scene: Scene, includes: str, excludes: str, *, defaults: bool, case: bool = True) -> list[str]:
    """Return the paths of the files that fit, relative to the current folder. Raises StepError for one that cannot be taken."""
    folder = quoted(scene.directory())
    program = f"{{ cd {folder} || exit 1; find . -type f -print0; printf '{LINKS}\\0'; find . -type l -print0; }}\nexit\n"
    listed = exec.output(scene.files(), program, "the list of files", scene.stopped).decode(errors="surrogateescape").split("\0")
    split = listed.index(LINKS)
    files, links = ([name.removeprefix("./") for name in part if name] for part in (listed[:split], listed[split + 1 :]))
    found = globs.select([*files, *links], includes, excludes, defaults=defaults, case=case)
    link = next((name for name in found if name in set(links)), None)
    if link is not None:
        raise StepError(f"{link!r} is a symbolic link, which is not kept: copy the file, or exclude it")
    strange = next((name for name in found if "\n" in name or "\\" in name), None)
    if strange is not None:
        raise StepError(f"{strange!r} cannot be kept: expected a name without line breaks and backslashes")
    return found


def _packed(scene: Scene, names: list[str]) -> Path:
    """Return a tar archive of files of the current folder. Raises StepError."""
    redirect, text = document("\n".join(f"./{name}" for name in names))
    path = scene.session.folder / uuid4().hex
    try:
        with path.open("wb") as file:
            if names:
                program = f"{{\ncd {quoted(scene.directory())} || exit 1\ntar -cf - -T - {redirect}\n{text}exit $?\n}}\n"
                exec.output(scene.files(), program, "tar", scene.stopped, out=_Spool(file).take)
    except BaseException:
        path.unlink(missing_ok=True)
        raise
    return path


class _Spool:
    """A file that does not become too large."""

    def __init__(self, file: BinaryIO) -> None:
        self._file, self._size = file, 0

    def take(self, data: bytes) -> None:
        """Append. Raises StepError."""
        self._size += len(data)
        if self._size > SPOOL:
            raise _too_large()
        self._file.write(data)


def _keep(scene: Scene, spool: Path) -> None:
    target, session = scene.session.record.folder / "archive", scene.session
    with tarfile.open(spool) as archive:
        for member in _checked(archive):
            with session.lock:
                session.archived += member.size
                if session.archived > LARGEST:
                    raise _too_large()
            content = archive.extractfile(member)
            if content is None:
                raise StepError(f"artifact {member.name!r} cannot be read")
            path = target / PurePosixPath(member.name)
            path.parent.mkdir(parents=True, exist_ok=True)
            with path.open("wb") as file:
                shutil.copyfileobj(content, file)


def _checked(archive: tarfile.TarFile) -> Iterator[tarfile.TarInfo]:
    """Yield the members: a pod that lies gets nothing out of the folder."""
    for member in archive:
        path = PurePosixPath(member.name)
        if path.is_absolute() or ".." in path.parts:
            raise StepError(f"artifact {member.name!r}: expected a path in the workspace")
        if not member.isreg():
            raise StepError(f"artifact {member.name!r} is no plain file: copy what it stands for, or exclude it")
        yield member


def _too_large() -> StepError:
    return StepError(f"the files are larger than {LARGEST >> 20} MB in all: keep fewer, or put them into a registry")
