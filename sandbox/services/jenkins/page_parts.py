"""Parts of the pages. Everything that came from outside is escaped here."""

import re
import secrets
from collections.abc import Iterable
from datetime import UTC, datetime
from html import escape
from urllib.parse import quote

from starlette.responses import HTMLResponse, Response

ANSI = re.compile(r"\x1b(?:\[[0-?]*[ -/]*[@-~]|\][^\x07\x1b]*(?:\x07|\x1b\\)|[@-Z\\-_])")
POLICY = "default-src 'none'; form-action 'self'; frame-ancestors 'none'; base-uri 'none'; style-src 'nonce-{0}'"
STYLE = "body{font:15px sans-serif;margin:2em}pre{background:#f4f4f4;padding:1em;overflow:auto}td,th{text-align:left;padding:0 1em 0 0}"
# Jenkins' own address for the log: the page asks it again and again from where it was, until there is no more.
FOLLOW = """
let at = SIZE;
async function more() {
  const answer = await fetch("logText/progressiveText?start=" + at, {credentials: "same-origin"});
  if (!answer.ok) return;
  document.querySelector("pre").append((await answer.text()).replace(/\\x1b\\[[0-?]*[ -\\/]*[@-~]/g, ""));
  at = answer.headers.get("X-Text-Size");
  if (answer.headers.get("X-More-Data")) setTimeout(more, 1000); else location.reload();
}
more();
"""


def page(title: str, body: str, *, status: int = 200, head: str = "", script: str = "", crumbs: Iterable[tuple[str, str]] = ()) -> Response:
    """Return a page. `body` and `head` are HTML, `title` is text. `crumbs`: links to what it is part of. `script` runs by its nonce."""
    nonce = secrets.token_urlsafe(16)
    way = "".join(f" &raquo; {link(address, text)}" for address, text in crumbs)
    policy = POLICY.format(nonce) + (f"; script-src 'nonce-{nonce}'; connect-src 'self'" if script else "")
    code = f'<script nonce="{nonce}">{script}</script>' if script else ""
    text = (
        f'<!doctype html><html lang="en"><meta charset="utf-8"><title>{escape(title)} [Jenkins]</title>{head}'
        f'<style nonce="{nonce}">{STYLE}</style><p>{link("/", "Jenkins")}{way} | {link("/queue/", "Queue")} | {link("/login", "Log in")}'
        f" | {link('/logout', 'Log out')}<h1>{escape(title)}</h1>{body}{code}"
    )
    return HTMLResponse(text, status, {"Content-Security-Policy": policy, "Cache-Control": "no-store"})


def link(address: str, text: str) -> str:
    """Return a link to `address`, which is a path on this server."""
    return f'<a href="{escape(address)}">{escape(text)}</a>'


def table(heads: Iterable[str], rows: Iterable[Iterable[str]]) -> str:
    """Return a table; its cells are HTML, its heads text."""
    lines = [f"<tr>{''.join(f'<td>{cell}</td>' for cell in row)}</tr>" for row in rows]
    return f"<table><tr>{''.join(f'<th>{escape(head)}</th>' for head in heads)}</tr>{''.join(lines)}</table>" if lines else "<p>None."


def when(milliseconds: int) -> str:
    """Return a time for people."""
    return datetime.fromtimestamp(milliseconds / 1000, UTC).strftime("%Y-%m-%d %H:%M:%S UTC")


def lasted(milliseconds: int) -> str:
    """Return a duration for people."""
    return f"{milliseconds / 1000:.1f} s"


def plain(text: str) -> str:
    """Return console text as HTML, without the codes that colour terminals."""
    return escape(ANSI.sub("", text))


def refusal(status: int, message: str, back: str | None) -> Response:
    """Return the page for an error; with `back`, the address that was asked for, a browser goes on to the login."""
    head = f'<meta http-equiv="refresh" content="1;url={escape(login(back))}">' if back is not None else ""
    text = f"<p>{link(login(back), 'Authentication required')}" if back is not None else ""
    return page(f"{status}", f"<p>{escape(message)}{text}", status=status, head=head)


def login(back: str) -> str:
    """Return the address of the login that leads back to a path."""
    return f"/login?from={quote(back, safe='')}"
