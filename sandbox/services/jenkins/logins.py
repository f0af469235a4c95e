"""The login form, and what it posts to."""

from html import escape

from starlette.responses import RedirectResponse, Response

from sandbox.services.jenkins.auth import password_matches
from sandbox.services.jenkins.call import Call
from sandbox.services.jenkins.page_parts import page


def form(call: Call, *, failed: bool = False) -> Response:
    """Show the form. Always 200, as probes ask for it; 401 after a login that `failed`."""
    back = escape(_local(call.parameter("from")))
    text = "<p>Invalid username or password." if failed else ""
    fields = (
        f'<form method="post" action="/j_spring_security_check"><input type="hidden" name="from" value="{back}">'
        '<p><label>Username <input name="j_username" autocomplete="username"></label>'
        '<p><label>Password <input name="j_password" type="password" autocomplete="current-password"></label>'
        "<p><button>Sign in</button></form>"
    )
    return page("Sign in to Jenkins", text + fields, status=401 if failed else 200)


def check(call: Call) -> Response:
    """Log in, and go back to where the form was asked for; the session is a new one."""
    call.require_post()
    name = call.form.get("j_username", "")
    if not password_matches(call.caller.configuration, name, call.form.get("j_password", "")):
        return RedirectResponse("/loginError", 302)
    call.door.sessions.end(call.caller.session)
    call.session = call.door.sessions.start(name)
    return RedirectResponse(_local(call.form.get("from", "")), 302)


def leave(call: Call) -> Response:
    """Log out."""
    call.door.sessions.end(call.caller.session)
    return RedirectResponse("/", 302)


def _local(address: str) -> str:
    """Return a path on this server, and not what leads elsewhere."""
    fits = address.startswith("/") and not address.startswith("//") and address.isprintable() and "\\" not in address
    return address if fits else "/"
