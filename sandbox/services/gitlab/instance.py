"""What every part of the service works with: the database, the repositories and the address."""

import secrets
import shutil
from collections.abc import Callable
from dataclasses import dataclass
from hashlib import sha256
from pathlib import Path

from sandbox.services.gitlab.git import Repository
from sandbox.services.gitlab.store import Database, Row, encode, now

VERSION = "18.5.0"
ROOT_SCOPES = ["api", "sudo", "admin_mode", "read_repository", "write_repository"]


def digest(token: str) -> str:
    """Return the form in which a token is kept: whoever reads the database cannot use it."""
    return sha256(token.encode()).hexdigest()


def new_token(prefix: str) -> str:
    """Return a new random token that begins with GitLab's `prefix` for its kind."""
    return f"{prefix}-{secrets.token_urlsafe(20)}"


@dataclass(frozen=True)
class Instance:
    """One running stand-in. `url` has no slash at its end; `wake` tells the webhook sender that deliveries are due;
    `deletion_days` is how long what was deleted can be restored, 0 for not at all."""

    url: str
    data: Path
    db: Database
    wake: Callable[[], None]
    deletion_days: int = 30

    @property
    def spool(self) -> Path:
        """Directory in which Git's hook notes the refs that moved."""
        return self.data / "spool"

    @property
    def repositories(self) -> Path:
        """Directory of the bare repositories."""
        return self.data / "repositories"

    def repository(self, project: Row) -> Repository:
        """Return the Git repository of `project`."""
        return Repository(self.repositories / project["storage"])


def open_instance(data: Path, url: str, wake: Callable[[], None], deletion_days: int) -> Instance:
    """Open the instance whose data is in `data` (made if missing) and remove what an interrupted run left."""
    for directory in (data, data / "spool", data / "repositories"):
        directory.mkdir(parents=True, exist_ok=True)
    gitlab = Instance(url.rstrip("/"), data, Database(data / "gitlab.sqlite"), wake, deletion_days)
    # A repository is made before its row and removed after it: one without a row belongs to nobody.
    known = {row["storage"] for row in gitlab.db.all("SELECT storage FROM projects")}
    for directory in gitlab.repositories.iterdir():
        if directory.name not in known:
            shutil.rmtree(directory)
        else:
            _unlock(directory)
    return gitlab


def _unlock(repository: Path) -> None:
    """Remove the locks of a git that was killed: with its lock there, a ref could never be moved again."""
    for lock in [*repository.glob("*.lock"), *(repository / "refs").rglob("*.lock")]:
        lock.unlink()


def seed(gitlab: Instance, root_token: str, group: str | None) -> None:
    """Make what an administrator makes by hand: the user `root` with `root_token`, and the top-level `group`.

    Safe to call at every start; a changed token replaces the earlier one.
    """
    with gitlab.db.transaction():
        root = gitlab.db.one("SELECT id FROM users WHERE username = 'root'")
        root_id = root["id"] if root else add_user(gitlab.db, "root", "Administrator", "root@example.com", admin=True)
        token = gitlab.db.one("SELECT id FROM access_tokens WHERE user_id = ? AND name = 'root'", root_id)
        if token:
            gitlab.db.update("access_tokens", token["id"], digest=digest(root_token), revoked=0)
        else:
            gitlab.db.insert(
                "access_tokens", user_id=root_id, name="root", digest=digest(root_token), scopes=encode(ROOT_SCOPES), created_at=now()
            )
        if group and not gitlab.db.one("SELECT id FROM namespaces WHERE full_path = ?", group):
            add_namespace(gitlab.db, kind="group", name=group, path=group, full_path=group, owner_id=root_id)


def add_user(db: Database, username: str, name: str, email: str, *, admin: bool = False, bot: bool = False) -> int:
    """Insert a user, and a personal namespace unless it is a bot; return the user's id. Inside a transaction."""
    user_id = db.insert("users", username=username, name=name, email=email, admin=admin, bot=bot, created_at=now())
    if not bot:
        add_namespace(db, kind="user", name=name, path=username, full_path=username, owner_id=user_id)
    return user_id


def add_namespace(
    db: Database, *, kind: str, name: str, path: str, full_path: str, owner_id: int, parent_id: int | None = None,
    visibility: str = "private", attributes: str = "{}",
) -> int:  # fmt: skip
    """Insert a group or a personal namespace, whose creator becomes its owner; return its id. Inside a transaction."""
    namespace_id = db.insert(
        "namespaces", kind=kind, parent_id=parent_id, owner_id=owner_id, name=name, path=path, full_path=full_path,
        visibility=visibility, attributes=attributes, created_at=now(),
    )  # fmt: skip
    db.insert("members", source_type="Group", source_id=namespace_id, user_id=owner_id, access_level=50, created_at=now())
    return namespace_id
