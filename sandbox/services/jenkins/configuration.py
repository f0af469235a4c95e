"""What configuration as code says, frozen."""

import hashlib
import secrets
from collections.abc import Mapping
from dataclasses import dataclass, field

from sandbox.services.jenkins.model import Cloud, Credential, Library

ADMINISTER, READ = "Overall/Administer", "Overall/Read"
JOB_READ, JOB_BUILD, JOB_CANCEL, JOB_DISCOVER, JOB_CONFIGURE = "Job/Read", "Job/Build", "Job/Cancel", "Job/Discover", "Job/Configure"
RUN_DELETE = "Run/Delete"
AUTHENTICATED, ANONYMOUS = "authenticated", "anonymous"

# https://www.jenkins.io/doc/book/security/access-control/permissions/
PERMISSIONS = frozenset(
    f"{group}/{name}"
    for group, names in {
        "Overall": "Administer Manage SystemRead Read",
        "Credentials": "Create Delete ManageDomains Update UseItem UseOwn View",
        "Agent": "Build Configure Connect Create Delete Disconnect ExtendedRead Provision",
        "Job": "Build Cancel Configure Create Delete Discover ExtendedRead Move Read ViewStatus Workspace",
        "Run": "Artifacts Delete Replay Update",
        "View": "Configure Create Delete Read",
        "SCM": "Tag",
    }.items()
    for name in names.split()
)
READING = frozenset({READ, JOB_READ, JOB_DISCOVER, "View/Read"})
Grants = Mapping[tuple[str, str], frozenset[str]]
"""Permissions of ("user" or "group", name)."""
_COST = {"n": 2**12, "r": 8, "p": 1}


def _hashed(password: str, salt: bytes) -> bytes:
    return hashlib.scrypt(password.encode("utf-8", "surrogatepass"), salt=salt, n=_COST["n"], r=_COST["r"], p=_COST["p"])


@dataclass(frozen=True)
class User:
    """A local user. The password is kept as a hash; without one nobody can log in."""

    id: str
    name: str
    salt: bytes = field(repr=False)
    digest: bytes = field(repr=False)

    def accepts(self, password: str) -> bool:
        """Tell whether this is the password, in constant time."""
        return secrets.compare_digest(_hashed(password, self.salt), self.digest)


def new_user(id: str, name: str, password: str) -> User:
    """Return a user; with an empty `password` no login is accepted."""
    salt = secrets.token_bytes(16)
    return User(id, name or id, salt, _hashed(password, salt) if password else b"")


NOBODY = new_user("", "", secrets.token_hex(16))
"""Stands for an unknown user, so that a wrong name takes as long as a wrong password."""


@dataclass(frozen=True)
class Connection:
    """A connection to GitLab: `credential` is the id of its API token."""

    url: str
    credential: str


@dataclass(frozen=True, kw_only=True)
class Configuration:
    """Everything that the YAML files say. `scripts`: Job DSL texts, each with the variables that it sees."""

    url: str = ""
    system_message: str = ""
    users: Mapping[str, User] = field(default_factory=dict)
    grants: Grants = field(default_factory=dict)
    credentials: tuple[Credential, ...] = ()
    cloud: Cloud | None = None
    connections: Mapping[str, Connection] = field(default_factory=dict)
    authenticated_endpoint: bool = True
    libraries: tuple[Library, ...] = ()
    scripts: tuple[tuple[str, Mapping[str, str]], ...] = field(default=(), repr=False)

    def permits(self, user: str | None, permission: str) -> bool:
        """Tell whether `user` (None: anonymous) has a permission in the matrix."""
        holders = [("user", ANONYMOUS), ("group", ANONYMOUS)]
        if user is not None:
            # Matrix authorization gives what anonymous has to everybody: its group is one of every authentication.
            holders += [("user", user), ("group", AUTHENTICATED)]
        held = frozenset().union(*(self.grants.get(holder, frozenset()) for holder in holders))
        return ADMINISTER in held or permission in held or (permission == JOB_DISCOVER and JOB_READ in held)
