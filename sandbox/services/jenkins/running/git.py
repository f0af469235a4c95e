"""Git over HTTP with a credential that is only in the environment of Git's own process: no file, no command line, no URL holds it."""

import os
import re
import subprocess
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final
from urllib.parse import urlsplit

from sandbox.services.jenkins.model import StepError

SECONDS: Final = 120.0
TICK: Final = 0.2
COMMIT: Final = re.compile(r"[0-9a-f]{40}")
FORBIDDEN: Final = re.compile(r"[\x00-\x20\x7f~^:?\[\\]|\.\.|@\{|//|\.lock(/|$)|^[-/]|[/.]$")
HELPER: Final = """!f() { test "$1" = get && printf 'username=%s\\npassword=%s\\n' "$GIT_STEP_USERNAME" "$GIT_STEP_PASSWORD"; }; f"""
Stopped = Callable[[], StepError | None]


@dataclass(frozen=True)
class Login:
    """User and password for one repository."""

    username: str
    password: str = field(repr=False)


@dataclass(frozen=True)
class Found:
    """A revision: the commit, what Jenkins calls its branch, and the name of the ref (empty for a commit that was named itself)."""

    commit: str
    branch: str
    ref: str = ""


def environment(url: str, login: Login | None) -> dict[str, str]:
    """Return the variables with which Git asks nobody, runs nothing else, speaks HTTP only, and sends the login to `url`'s server only.

    Raises StepError for another kind of URL.
    """
    parts = urlsplit(url)
    if parts.scheme not in ("http", "https") or not parts.hostname or re.search(r"[\s\x00]", url):
        raise StepError(f"repository URL {_public(url)!r}: expected http://HOST/PATH or https://HOST/PATH")
    if parts.username or parts.password:
        raise StepError(f"repository URL {_public(url)!r} holds a login: use credentialsId")
    options = {
        "core.hooksPath": "/dev/null",
        "core.askPass": "",
        "protocol.allow": "never",
        "protocol.http.allow": "always",
        "protocol.https.allow": "always",
        "submodule.recurse": "false",
        "fetch.recurseSubmodules": "false",
        "http.lowSpeedLimit": "1",
        "http.lowSpeedTime": "60",
        "gc.auto": "0",
        "advice.detachedHead": "false",
        "credential.helper": "",  # forgets those that the system names
    }
    variables = {"GIT_TERMINAL_PROMPT": "0", "GIT_ASKPASS": "", "SSH_ASKPASS": "", "GIT_ALLOW_PROTOCOL": "http:https"}
    variables |= {"GIT_LFS_SKIP_SMUDGE": "1", "GCM_INTERACTIVE": "never", "LC_ALL": "C"}
    if login:
        if re.search(r"[\n\0]", login.username + login.password):
            raise StepError("a user name or password of more than one line cannot be given to git")
        options[f"credential.{parts.scheme}://{parts.netloc}.helper"] = HELPER
        variables |= {"GIT_STEP_USERNAME": login.username, "GIT_STEP_PASSWORD": login.password}
    variables["GIT_CONFIG_COUNT"] = str(len(options))
    for number, (key, value) in enumerate(options.items()):
        variables |= {f"GIT_CONFIG_KEY_{number}": key, f"GIT_CONFIG_VALUE_{number}": value}
    return variables


def candidates(revision: str) -> list[str]:
    """Return the refs that a branch specifier of Jenkins may mean, the likeliest first; none for a commit. Raises StepError."""
    if COMMIT.fullmatch(revision):
        return []
    name = revision.removeprefix("*/").removeprefix("refs/remotes/").removeprefix("origin/")
    if not name or "*" in name or FORBIDDEN.search(name):
        raise StepError(
            f"branch specifier {revision!r}: expected a branch (main, */main, refs/heads/main), refs/tags/TAG or a whole commit"
        )
    return [name] if name.startswith("refs/") else [f"refs/heads/{name}", f"refs/tags/{name}"]


def choose(revision: str, listed: str) -> Found:
    """Return what a specifier means by the output of `git ls-remote`. Raises StepError if it is not there."""
    wanted = candidates(revision)
    if not wanted:
        return Found(revision, "detached")
    lines = [line.split("\t", 1) for line in listed.splitlines() if "\t" in line]
    known = {ref: commit for commit, ref in lines}
    for ref in wanted:
        if ref in known:
            # A tag with a message is an object of its own: behind it is the commit.
            return Found(known.get(f"{ref}^{{}}", known[ref]), branch_name(ref), ref)
    raise StepError(
        f"Couldn't find any revision to build: {revision!r} is not in the repository. "
        "Verify the repository and branch configuration for this job."
    )


def branch_name(ref: str) -> str:
    """Return what GIT_BRANCH is for a ref."""
    return f"origin/{ref.removeprefix('refs/heads/')}" if ref.startswith("refs/heads/") else ref


def fetch(url: str, revision: str, login: Login | None, folder: Path, stopped: Stopped, *, whole: bool) -> Found:
    """Fetch one revision into the folder, which is made, and return what it is; `whole`: with its files, checked out. Raises StepError."""
    git = _Git(folder, environment(url, login), stopped)
    folder.mkdir(parents=True, exist_ok=True)
    git.run("init", "--quiet")
    found = choose(revision, git.run("ls-remote", "--", url, *_patterns(revision)) if candidates(revision) else "")
    git.run("fetch", "--quiet", "--no-tags", "--depth=1", "--", url, found.ref or found.commit)
    commit = git.run("rev-parse", "--verify", "FETCH_HEAD^{commit}").strip()
    if whole:
        git.run("checkout", "--quiet", "--force", "--detach", commit)
    return Found(commit, found.branch, found.ref)


def read(folder: Path, commit: str, path: str, stopped: Stopped) -> str:
    """Return the text of a file in a commit that was fetched into the folder. Raises StepError."""
    try:
        return _Git(folder, {"LC_ALL": "C"}, stopped).run("cat-file", "blob", f"{commit}:{path}")
    except StepError:
        raise StepError(f"Unable to find {path} from git at {commit}: commit it there, or correct the job's script path") from None


def _patterns(revision: str) -> list[str]:
    return [pattern for ref in candidates(revision) for pattern in (ref, f"{ref}^{{}}")]


class _Git:
    """Git in a folder of the controller, which has no configuration of its own."""

    def __init__(self, folder: Path, variables: Mapping[str, str], stopped: Stopped) -> None:
        kept = {name: os.environ[name] for name in ("PATH", "SSL_CERT_FILE", "SSL_CERT_DIR", "GIT_SSL_CAINFO") if name in os.environ}
        alone = {"GIT_CONFIG_NOSYSTEM": "1", "GIT_CONFIG_GLOBAL": "/dev/null", "HOME": str(folder)}
        self._folder, self._environment, self._stopped = folder, {**kept, **alone, **variables}, stopped

    def run(self, *arguments: str) -> str:
        """Run Git and return its output. Raises StepError with its last line."""
        process = subprocess.Popen(
            ["git", *arguments], cwd=self._folder, env=self._environment, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE,
            stderr=subprocess.PIPE, start_new_session=True,
        )  # fmt: skip
        try:
            output, messages = self._wait(process, arguments)
        finally:
            _end(process)
        if process.returncode:
            raise StepError(f"git {arguments[0]} failed: {last_line(messages.decode(errors='replace'))}")
        return output.decode(errors="replace")

    def _wait(self, process: subprocess.Popen[bytes], arguments: Sequence[str]) -> tuple[bytes, bytes]:
        end = time.monotonic() + SECONDS
        while True:
            try:
                return process.communicate(timeout=TICK)
            except subprocess.TimeoutExpired:
                reason = self._stopped()
                if reason:
                    raise reason from None
                if time.monotonic() > end:
                    raise StepError(f"git {arguments[0]} did not end within {SECONDS:.0f} s: look whether the server answers") from None


def last_line(messages: str) -> str:
    """Return the last line of Git's messages that says something."""
    lines = [line.strip() for line in messages.splitlines() if line.strip()]
    return lines[-1] if lines else "it said nothing"


def _end(process: subprocess.Popen[bytes]) -> None:
    """End Git with its helpers, such as the one that speaks HTTP."""
    if process.poll() is None:
        os.killpg(process.pid, 9)
        process.communicate()


def _public(url: str) -> str:
    """Return the URL without a login."""
    return re.sub(r"//[^/@]*@", "//", url)
