"""Git plumbing on a bare repository. Nothing here needs a working copy."""

import os
import subprocess
import tempfile
from dataclasses import dataclass
from pathlib import Path

ZERO = "0" * 40
EMPTY_TREE = "4b825dc642cb6eb9a060e54bf8d69288fbee4904"
HOOKS = Path(__file__).parent / "hooks"
FIELDS = "%H%x00%P%x00%an%x00%ae%x00%aI%x00%cn%x00%ce%x00%cI%x00%s%x00%B"


class GitError(Exception):
    """A git command failed; the text is what git wrote."""


@dataclass(frozen=True)
class Commit:
    """One commit; times are ISO 8601."""

    id: str
    parents: list[str]
    author_name: str
    author_email: str
    authored: str
    committer_name: str
    committer_email: str
    committed: str
    title: str
    message: str


@dataclass(frozen=True)
class Entry:
    """One entry of a tree: `mode` as Git writes it, `kind` blob, tree or commit, `id` its object, `path` from the root."""

    mode: str
    kind: str
    id: str
    path: str


def _entry(line: str, prefix: str = "") -> Entry:
    """Read one line of `git ls-tree`; `prefix` is the directory that it was asked for."""
    head, name = line.split("\t", 1)
    mode, kind, object_id = head.split(" ")
    return Entry(mode, kind, object_id, prefix + name)


def environment(**extra: str) -> dict[str, str]:
    """Return the environment for git: ours plus `extra`, with no configuration but the one given here."""
    config = {
        "core.hooksPath": str(HOOKS),
        "safe.directory": "*",  # the data directory may be a volume that another user made
        "receive.hideRefs": "refs/merge-requests",  # to be fetched, and moved by nobody but this service
        "gc.auto": "0",  # a collection in the background would outlive the push that started it
    }
    numbered = {f"GIT_CONFIG_KEY_{n}": key for n, key in enumerate(config)}
    numbered |= {f"GIT_CONFIG_VALUE_{n}": value for n, value in enumerate(config.values())}
    own = {"GIT_CONFIG_NOSYSTEM": "1", "GIT_CONFIG_GLOBAL": os.devnull, "GIT_CONFIG_COUNT": str(len(config)), "LC_ALL": "C.UTF-8"}
    kept = {key: value for key, value in os.environ.items() if not key.startswith("GIT_")}
    return kept | own | numbered | extra


@dataclass(frozen=True)
class Repository:
    """A bare repository at `path`."""

    path: Path

    def run(self, *args: str, stdin: bytes = b"", env: dict[str, str] | None = None) -> bytes:
        """Run git with `args` here and return its standard output; raises GitError if it fails."""
        command = ["git", f"--git-dir={self.path}", *args]
        done = subprocess.run(command, input=stdin, capture_output=True, env=environment(**(env or {})))
        if done.returncode:
            raise GitError(done.stderr.decode(errors="replace").strip() or f"git {args[0]} ended with {done.returncode}")
        return done.stdout

    def text(self, *args: str, stdin: bytes = b"", env: dict[str, str] | None = None) -> str:
        """Like `run`, as text without surrounding white space."""
        return self.run(*args, stdin=stdin, env=env).decode(errors="replace").strip()

    def init(self, branch: str) -> None:
        """Make the repository, with HEAD on `branch`."""
        self.run("init", "--quiet", "--bare", f"--initial-branch={branch}", str(self.path))

    def commit_id(self, revision: str) -> str | None:
        """Return the commit that `revision` (branch, tag or id) names, or None."""
        for name in (f"refs/heads/{revision}", f"refs/tags/{revision}", revision):
            try:
                return self.text("rev-parse", "--verify", "--quiet", "--end-of-options", f"{name}^{{commit}}")
            except GitError:
                continue
        return None

    def branch_tip(self, branch: str) -> str | None:
        """Return the commit at the tip of `branch`, or None if there is no such branch."""
        return self.refs("refs/heads/").get(branch)

    def refs(self, prefix: str) -> dict[str, str]:
        """Return name (without `prefix`) to object id of every ref under `prefix`."""
        lines = self.text("for-each-ref", "--format=%(objectname) %(refname)", prefix).splitlines()
        pairs = (line.split(" ", 1) for line in lines)
        return {name.removeprefix(prefix): object_id for object_id, name in pairs}

    def log(self, *args: str) -> list[Commit]:
        """Return the commits that `git log` with `args` shows."""
        out = self.run("log", "-z", f"--format={FIELDS}", *args).decode(errors="replace")
        fields = out.split("\0")[:-1] if out.endswith("\0") else out.split("\0")
        rows = [fields[start : start + 10] for start in range(0, len(fields) - 9, 10)]
        return [Commit(row[0], row[1].split(), *row[2:]) for row in rows]

    def commit(self, commit_id: str) -> Commit:
        """Return the commit `commit_id`."""
        return self.log("-1", commit_id)[0]

    def tree(self, revision: str, path: str = "", *, recursive: bool = False) -> list[Entry]:
        """Return the entries below the directory `path` at `revision`; raises GitError if there is none."""
        flags = ["-r", "-t"] if recursive else []
        out = self.run("ls-tree", "-z", *flags, f"{revision}:{path}").decode()
        return [_entry(line, f"{path}/" if path else "") for line in out.split("\0") if line]

    def entry(self, revision: str, path: str) -> Entry | None:
        """Return the entry at exactly `path`, or None."""
        out = self.run("--literal-pathspecs", "ls-tree", "-z", revision, "--", path).decode().rstrip("\0")
        return _entry(out) if out else None

    def blob(self, object_id: str) -> bytes:
        """Return the content of the blob `object_id`."""
        return self.run("cat-file", "blob", object_id)

    def write_blobs(self, contents: list[bytes]) -> list[str]:
        """Write these contents as blobs, by one process; returns their ids in the same order."""
        with tempfile.TemporaryDirectory() as folder:
            files = [Path(folder, str(number)) for number in range(len(contents))]
            for file, content in zip(files, contents, strict=True):
                file.write_bytes(content)
            listed = "".join(f"{file}\n" for file in files).encode()
            return self.text("hash-object", "-w", "--no-filters", "--stdin-paths", stdin=listed).split()

    def changes(self, base: str, head: str) -> list[tuple[str, str]]:
        """Return (status letter, path) of every file that differs between the trees `base` and `head`."""
        parts = self.run("diff-tree", "-r", "-z", "--no-renames", "--name-status", base, head).decode().split("\0")
        return list(zip(parts[0::2], parts[1::2], strict=False))

    def is_ancestor(self, older: str, newer: str) -> bool:
        """Tell whether `newer` contains `older`."""
        try:
            self.run("merge-base", "--is-ancestor", older, newer)
        except GitError:
            return False
        return True

    def update_ref(self, ref: str, new: str, old: str, env: dict[str, str]) -> None:
        """Move `ref` from `old` to `new` (ZERO: create, delete); raises GitError if it is not at `old` any more.

        `env` is what `pushes.recording` gives, so that the move is seen like any push.
        """
        self.run("update-ref", *(["-d", ref, old] if new == ZERO else [ref, new, old]), env=env)
