"""Files in the workspace."""

import base64
import posixpath

from sandbox.services.jenkins.model import StepError
from sandbox.services.jenkins.running import exec
from sandbox.services.jenkins.running.session import Scene
from sandbox.services.jenkins.running.shell import quoted
from sandbox.services.jenkins.running.steps.registry import Arguments, flag, step


@step("readFile")
def read_file(scene: Scene, arguments: Arguments) -> str:
    """Return the text of a file."""
    path = _path(scene, arguments)
    program = f"{{ test -f {quoted(path)} || {{ echo NoSuchFileException >&2; exit 1; }}; exec cat {quoted(path)}; }}\n"
    data = exec.output(scene.files(), program, path, scene.stopped)
    if str(arguments.get("encoding") or "").lower() == "base64":
        return base64.b64encode(data).decode()
    return data.decode(_encoding(arguments), errors="replace")


@step("writeFile")
def write_file(scene: Scene, arguments: Arguments) -> None:
    """Write a text into a file; folders are made."""
    path, text = _path(scene, arguments), str(arguments["text"])
    if str(arguments.get("encoding") or "").lower() == "base64":
        data = base64.b64decode(text)
    else:
        data = text.encode(_encoding(arguments), errors="replace")
    program = f"mkdir -p {quoted(posixpath.dirname(path))} && head -c {len(data)} >{quoted(path)}"
    exec.feed(scene.files(), program, data, path, scene.stopped)


@step("fileExists")
def file_exists(scene: Scene, arguments: Arguments) -> bool:
    """Tell whether there is a file or folder."""
    program = f"{{ test -e {quoted(_path(scene, arguments))}; exit $?; }}\n"
    return exec.run(scene.files(), program, out=_ignore, err=_ignore, stopped=scene.stopped) == 0


@step("deleteDir")
def delete_dir(scene: Scene, arguments: Arguments) -> None:
    """Delete the current folder, and what belongs to it."""
    folder = scene.directory()
    program = f"{{ rm -rf {quoted(folder)} {quoted(folder + '@tmp')}; exit $?; }}\n"
    exec.output(scene.files(), program, "deleteDir", scene.stopped)


@step("pwd")
def pwd(scene: Scene, arguments: Arguments) -> str:
    """Return the current folder."""
    return scene.directory() + ("@tmp" if flag(arguments, "tmp") else "")


def _path(scene: Scene, arguments: Arguments) -> str:
    return posixpath.normpath(posixpath.join(scene.directory(), str(arguments["file"])))


def _encoding(arguments: Arguments) -> str:
    name = str(arguments.get("encoding") or "utf-8")
    try:
        "".encode(name)
    except LookupError:
        raise StepError(f"encoding {name!r}: expected UTF-8, ISO-8859-1 or another that is known, or Base64") from None
    return name


def _ignore(data: bytes) -> None:
    """Nobody reads it."""
