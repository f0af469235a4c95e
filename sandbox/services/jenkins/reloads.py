"""Configuration as code over HTTP: the chart's sidecar reloads by token, an administrator by login."""

import hmac

from starlette.responses import JSONResponse, PlainTextResponse, RedirectResponse, Response

from sandbox.services.jenkins.call import Call
from sandbox.services.jenkins.casc_values import CascError
from sandbox.services.jenkins.configuration import ADMINISTER
from sandbox.services.jenkins.errors import HttpError, not_found


def by_token(call: Call) -> Response:
    """Reload if the token in the query fits; without a token in the settings there is no such address."""
    call.require_post()
    token = call.jenkins.options.reload_token
    if not token:
        raise not_found()
    given = call.parameter("casc-reload-token")
    if not hmac.compare_digest(given.encode("utf-8", "surrogatepass"), token.encode()):
        raise HttpError(401, "Unauthorized")
    try:
        call.jenkins.reload()
    except CascError as error:
        return JSONResponse({"status": "error", "message": f"Failed to reload configuration: {error}"}, 500)
    return Response()


def by_administrator(call: Call) -> Response:
    """Reload, or apply or check the YAML text in the body."""
    call.require(ADMINISTER)
    verb = "/".join(call.path[1:])
    if verb not in ("reload", "apply", "check"):
        raise not_found()
    call.require_post()
    if verb == "check":
        return _check(call)
    try:
        if verb == "reload":
            call.jenkins.reload()
            return RedirectResponse("/configuration-as-code/", 302)
        call.jenkins.apply([_body(call)])
    except CascError as error:
        return PlainTextResponse(f"Failed to apply configuration: {error}", 500)
    return Response()


def _check(call: Call) -> Response:
    try:
        call.jenkins.options.sources.apply([_body(call)])
    except CascError as error:
        return JSONResponse([{"line": -1, "message": str(error)}], 400)
    return JSONResponse([])


def _body(call: Call) -> tuple[str, str]:
    try:
        return "the request", call.body.decode()
    except UnicodeDecodeError:
        raise CascError("the body is not UTF-8, expected YAML text") from None
