"""Blocking and deactivating users: https://docs.gitlab.com/api/user_moderation/."""

from typing import Any

from sandbox.services.gitlab.auth import ACTIVE, state_of
from sandbox.services.gitlab.call import Call
from sandbox.services.gitlab.errors import forbidden
from sandbox.services.gitlab.router import route
from sandbox.services.gitlab.routes.users import find_user, require_admin

# What each does: from which states, to which one.
CHANGES = {
    "block": (("active", "deactivated", "blocked"), "blocked"),
    "unblock": (("blocked",), ACTIVE),
    "deactivate": (("active", "deactivated"), "deactivated"),
    "activate": (("active", "deactivated"), ACTIVE),
}


@route("POST", "/users/{id}/(?P<verb>block|unblock|deactivate|activate)", status=201)
def change_state(call: Call) -> Any:
    """Block a user, whose tokens no longer work then, or deactivate one, whom the next use of a token activates; or undo it."""
    require_admin(call)
    user, verb = find_user(call), call.path["verb"]
    before, after = CHANGES[verb]
    if state_of(call.gitlab, user["id"]) not in before or user["id"] == call.caller.id:
        raise forbidden(f"The user you are trying to {verb} is not {' or '.join(before)}, or yourself")
    call.gitlab.db.execute("INSERT OR REPLACE INTO user_states VALUES (?, ?)", user["id"], after)
    return True
