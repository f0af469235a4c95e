"""Version, users and namespaces."""

from typing import Any

from sandbox.services.gitlab import entities
from sandbox.services.gitlab.access import NONE, group_level
from sandbox.services.gitlab.auth import state_of
from sandbox.services.gitlab.call import Call
from sandbox.services.gitlab.errors import conflict, forbidden, not_found
from sandbox.services.gitlab.instance import VERSION, add_user
from sandbox.services.gitlab.paging import ordered
from sandbox.services.gitlab.router import route
from sandbox.services.gitlab.store import Row


@route("GET", "/version", scopes=("read_user",))
@route("GET", "/metadata", scopes=("read_user",))
def version(call: Call) -> Any:
    """GitLab's version."""
    kas = {"enabled": False, "externalUrl": None, "externalK8sProxyUrl": None, "version": None}
    return {"version": VERSION, "revision": "standin", "kas": kas, "enterprise": False}


@route("GET", "/user", scopes=("read_user",))
def current_user(call: Call) -> Any:
    """The user of the token."""
    return _full(call, call.caller.user)


@route("GET", "/users", scopes=("read_user",), paged=True, keyset=("id", "name", "username", "created_at"))
def list_users(call: Call) -> Any:
    """Users; `username` is exact, `search` is not."""
    rows = call.gitlab.db.all("SELECT * FROM users ORDER BY id DESC")
    username, search = call.params.get("username"), call.params.get("search", "").lower()
    found = [row for row in rows if username is None or row["username"].lower() == username.lower()]
    wanted = [state for flag, state in (("active", "active"), ("blocked", "blocked")) if call.boolean(flag)]
    if wanted:
        found = [row for row in found if state_of(call.gitlab, row["id"]) in wanted]
    if call.boolean("without_project_bots") or call.boolean("humans"):
        found = [row for row in found if not row["bot"]]
    fits = [row for row in found if search in f"{row['username']} {row['name']} {row['email']}".lower()]
    rows = ordered(call, [dict(row) for row in fits], ("id", "name", "username", "created_at"), "id", "desc")
    return [entities.user(call.gitlab, row) for row in rows]


@route("GET", "/users/{id}", scopes=("read_user",))
def get_user(call: Call) -> Any:
    """One user."""
    return entities.user(call.gitlab, find_user(call))


@route("POST", "/users", status=201)
def create_user(call: Call) -> Any:
    """A new user; administrators only. Passwords are accepted and dropped: there is nothing to log in to."""
    require_admin(call)
    email, name, username = call.require("email", "name", "username")
    with call.gitlab.db.transaction():
        if call.gitlab.db.one("SELECT id FROM users WHERE email = ?", email):
            raise conflict("Email has already been taken")
        if call.gitlab.db.one("SELECT id FROM namespaces WHERE full_path = ?", username):
            raise conflict("Username has already been taken")
        user_id = add_user(call.gitlab.db, username, name, email, admin=call.boolean("admin"))
    return _full(call, call.gitlab.db.get("users", user_id))


@route("PUT", "/users/{id}")
def update_user(call: Call) -> Any:
    """Change name, e-mail address or rights of a user; administrators only."""
    require_admin(call)
    row = find_user(call)
    name, email = call.params.get("name") or row["name"], call.params.get("email") or row["email"]
    if call.gitlab.db.one("SELECT id FROM users WHERE email = ? AND id <> ?", email, row["id"]):
        raise conflict("Email has already been taken")
    call.gitlab.db.update("users", row["id"], name=name, email=email, admin=call.boolean("admin", bool(row["admin"])))
    return _full(call, call.gitlab.db.get("users", row["id"]))


@route("DELETE", "/users/{id}", status=204)
def delete_user(call: Call) -> None:
    """Delete a user; administrators only."""
    require_admin(call)
    call.gitlab.db.execute("DELETE FROM users WHERE id = ?", find_user(call)["id"])


@route("GET", "/namespaces", paged=True)
def list_namespaces(call: Call) -> Any:
    """The groups and the personal namespace that the caller belongs to."""
    rows = call.gitlab.db.all("SELECT * FROM namespaces ORDER BY id")
    search = call.params.get("search", "").lower()
    return [entities.namespace(call.gitlab, row) for row in rows if search in row["full_path"].lower() and _belongs(call, row)]


@route("GET", "/namespaces/{id}")
def get_namespace(call: Call) -> Any:
    """One namespace by id or full path."""
    column = "id" if call.path["id"].isdigit() else "full_path"
    row = call.gitlab.db.one(f"SELECT * FROM namespaces WHERE {column} = ?", call.path["id"])
    if row is None or not _belongs(call, row):
        raise not_found("Namespace")
    return entities.namespace(call.gitlab, row)


def _belongs(call: Call, row: Row) -> bool:
    return group_level(call.gitlab, call.caller, row["id"]) > NONE


def find_user(call: Call) -> Row:
    """Return the user that the call names; ApiError 404 if there is none."""
    row = call.gitlab.db.one("SELECT * FROM users WHERE id = ?", call.number("id"))
    if row is None:
        raise not_found("User")
    return row


def _full(call: Call, row: Row) -> dict[str, Any]:
    shown = {
        "email": row["email"], "commit_email": row["email"], "created_at": row["created_at"], "bot": bool(row["bot"]), "external": False,
        "can_create_group": True, "can_create_project": True, "projects_limit": 100000, "two_factor_enabled": False,
    }  # fmt: skip
    return entities.user(call.gitlab, row) | shown | ({"is_admin": bool(row["admin"])} if call.caller.admin else {})


def require_admin(call: Call) -> None:
    """Let administrators pass; ApiError 403 for others."""
    if not call.caller.admin:
        raise forbidden()
