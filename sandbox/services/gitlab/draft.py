"""A tree that is being changed: only the directories on the way to what changes are read and written, whatever the repository's size."""

from dataclasses import dataclass

from sandbox.services.gitlab.git import EMPTY_TREE, Repository

FOLDER = "040000"


class NotAFolderError(Exception):
    """A file is where a directory would have to be, or the other way round."""


@dataclass(frozen=True)
class Leaf:
    """A file, symbolic link or submodule: `mode` as Git writes it, `kind` blob or commit, `id` of its object."""

    mode: str
    kind: str
    id: str


class Draft:
    """A directory, beginning as the tree `id` is (None: empty)."""

    def __init__(self, repository: Repository, id: str | None = None) -> None:
        self._repository = repository
        self._id = id
        self._entries: dict[str, Leaf | Draft] | None = None

    def find(self, path: str) -> Leaf | None:
        """The file at a path; None where there is none."""
        head, _, rest = path.partition("/")
        found = self._load().get(head)
        if isinstance(found, Draft):
            return found.find(rest) if rest else None
        return None if rest else found

    def put(self, path: str, leaf: Leaf) -> None:
        """Put a file at a path. Raises NotAFolderError."""
        head, _, rest = path.partition("/")
        entries = self._load()
        found = entries.get(head)
        if not rest:
            if isinstance(found, Draft):
                raise NotAFolderError(path)
            entries[head] = leaf
            return
        if found is None:
            found = entries[head] = Draft(self._repository)
        if isinstance(found, Leaf):
            raise NotAFolderError(head)
        found.put(rest, leaf)

    def drop(self, path: str) -> None:
        """Take the file at a path away, and the directories that it leaves empty."""
        head, _, rest = path.partition("/")
        entries = self._load()
        found = entries.get(head)
        if isinstance(found, Draft) and rest:
            found.drop(rest)
            if found._load():
                return
        entries.pop(head, None)

    def write(self) -> str:
        """The id of the tree as it is now."""
        if self._entries is None:
            return self._id or EMPTY_TREE
        lines = [self._line(name, entry) for name, entry in self._entries.items()]
        return self._repository.text("mktree", "-z", "--missing", stdin="".join(lines).encode())

    def _load(self) -> "dict[str, Leaf | Draft]":
        if self._entries is None:
            listed = self._repository.tree(self._id) if self._id else []
            self._entries = {
                entry.path: Draft(self._repository, entry.id) if entry.kind == "tree" else Leaf(entry.mode, entry.kind, entry.id)
                for entry in listed
            }
        return self._entries

    @staticmethod
    def _line(name: str, entry: "Leaf | Draft") -> str:
        if isinstance(entry, Draft):
            return f"{FOLDER} tree {entry.write()}\t{name}\0"
        return f"{entry.mode} {entry.kind} {entry.id}\t{name}\0"
