"""The page for people: projects and what is in them."""

from html import escape

from starlette.responses import HTMLResponse, Response

from sandbox.services.harbor.instance import Harbor, public
from sandbox.services.harbor.usage import readable, used

HEAD = """<!doctype html><html lang="en"><meta charset="utf-8"><meta name="viewport" content="width=device-width"><title>Harbor</title>
<style>body{font:16px/1.5 system-ui,sans-serif;margin:2rem auto;max-width:60rem;padding:0 1rem;color:#222;background:#fff}
h1{font-size:1.5rem}h2{font-size:1.1rem;margin:1.5rem 0 .3rem}table{border-collapse:collapse;width:100%}td,th{text-align:left;padding:.3rem
.6rem .3rem 0;border-bottom:1px solid #ddd}small{color:#595959}</style><main><h1>Harbor</h1>
<p><small>The sandbox's stand-in for Harbor, with a real registry behind it. Repositories of private projects are not shown.</small></p>"""


def start_page(harbor: Harbor) -> Response:
    """Show the projects, and the repositories of public ones."""
    parts = [HEAD]
    for project in harbor.db.all("SELECT * FROM projects ORDER BY name"):
        kind = "public" if public(project) else "private"
        size = readable(used(harbor.db, project["id"]))
        parts.append(f"<h2>{escape(project['name'])} <small>{kind}, {size}</small></h2>")
        if kind == "public":
            parts.append(_repositories(harbor, project["id"]))
    return HTMLResponse("".join([*parts, "</main></html>"]))


def _repositories(harbor: Harbor, project_id: int) -> str:
    rows = harbor.db.all("SELECT * FROM repositories WHERE project_id = ? ORDER BY name", project_id)
    if not rows:
        return "<p>No images yet.</p>"
    cells = "".join(f"<tr><td>{escape(row['name'])}</td><td>{row['pull_count']}</td></tr>" for row in rows)
    return f"<table><tr><th>Repository</th><th>Pulls</th></tr>{cells}</table>"
