"""Who calls: the administrator, a robot, or nobody."""

import base64
import binascii
import hashlib
import json
import secrets
import time
from dataclasses import dataclass
from functools import cached_property
from typing import Any

from sandbox.services.harbor import settings
from sandbox.services.harbor.errors import unauthorized
from sandbox.services.harbor.instance import ADMIN, Harbor
from sandbox.services.harbor.store import Row


@dataclass(frozen=True)
class Caller:
    """Nobody, unless `admin` is set or `robot` is the robot's row."""

    name: str = ""
    admin: bool = False
    robot: Row | None = None

    @property
    def known(self) -> bool:
        """Whether somebody is logged in."""
        return self.admin or self.robot is not None

    @cached_property
    def grants(self) -> list[dict[str, Any]]:
        """What the robot may do, as its creator wrote it."""
        return list(json.loads(self.robot["permissions"])) if self.robot else []


NOBODY = Caller()


def digest(secret: str) -> str:
    """Return the form in which a robot's secret is kept. It is long and random, or was made to be: no slow hash is needed."""
    return hashlib.sha256(secret.encode()).hexdigest()


def usable(robot: Row) -> bool:
    """Tell whether `robot` is neither disabled nor expired."""
    return not robot["disabled"] and (robot["expires_at"] == -1 or robot["expires_at"] > time.time())


def find_robot(harbor: Harbor, full_name: str) -> Row | None:
    """Return the robot that calls itself `full_name`, with the prefix, if it may do anything at all."""
    prefix = settings.value(harbor.db, "robot_name_prefix")
    if not full_name.startswith(prefix):
        return None
    row = harbor.db.one("SELECT * FROM robots WHERE name = ?", full_name.removeprefix(prefix))
    return row if row and usable(row) else None


def log_in(harbor: Harbor, name: str, secret: str) -> Caller:
    """Return the caller of this name and password; ApiError 401 if they are wrong, or the robot is disabled or expired."""
    if name == ADMIN and secrets.compare_digest(secret.encode(), harbor.password.encode()):
        return Caller(ADMIN, admin=True)
    robot = find_robot(harbor, name)
    if robot and secrets.compare_digest(digest(secret), robot["digest"]):
        return Caller(name, robot=robot)
    raise unauthorized()


def by_header(harbor: Harbor, header: str) -> Caller:
    """Return the caller that a Basic Authorization `header` names, nobody without one. Raises ApiError 401 as `log_in`."""
    kind, _, value = header.partition(" ")
    if not header:
        return NOBODY
    try:
        name, _, secret = base64.b64decode(value, validate=True).decode().partition(":")
    except (binascii.Error, UnicodeDecodeError):
        raise unauthorized() from None
    if kind.lower() != "basic":
        raise unauthorized()
    return log_in(harbor, name, secret)
