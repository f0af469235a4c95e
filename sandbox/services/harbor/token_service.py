"""/service/token: https://distribution.github.io/distribution/spec/auth/token/."""

import time

from starlette.requests import Request
from starlette.responses import JSONResponse, Response

from sandbox.services.harbor import access
from sandbox.services.harbor.auth import Caller, by_header
from sandbox.services.harbor.errors import ApiError, bad_request, unauthorized
from sandbox.services.harbor.instance import Harbor
from sandbox.services.harbor.keys import VALID, Access
from sandbox.services.harbor.store import moment, now


def serve(harbor: Harbor, request: Request) -> Response:
    """Answer with a token for those of the asked scopes that the caller may have."""
    try:
        caller = by_header(harbor, request.headers.get("authorization", ""))
        scopes = [scope for text in request.query_params.getlist("scope") for scope in text.split()]
        if not caller.known and not scopes:  # `docker login` without credentials
            raise unauthorized()
        rights, catalog = _rights(harbor, caller, scopes)
    except ApiError as error:
        headers = {"WWW-Authenticate": 'Basic realm="harbor"'} if error.status == 401 else {}
        return JSONResponse(error.body, error.status, headers)
    seconds, issued = _seconds(caller), now()
    token = harbor.signer.sign(caller.name, rights, catalog=catalog, seconds=seconds)
    issued_at = f"{moment(issued):%Y-%m-%dT%H:%M:%SZ}"
    return JSONResponse({"token": token, "access_token": token, "expires_in": seconds, "issued_at": issued_at})


def _rights(harbor: Harbor, caller: Caller, scopes: list[str]) -> tuple[list[Access], bool]:
    rights: list[Access] = []
    catalog = False
    for scope in scopes:
        kind, _, rest = scope.partition(":")
        name, colon, actions = rest.rpartition(":")
        if not colon or kind.partition("(")[0] not in ("repository", "registry"):
            raise bad_request(f"the scope {scope!r} is none of repository:NAME:ACTIONS")
        if kind == "registry":
            catalog = catalog or access.may_system(caller, "catalog", "read")
        else:
            rights.append((name, access.registry_actions(harbor, caller, name, set(actions.split(",")))))
    return rights, catalog


def _seconds(caller: Caller) -> int:
    """No token outlives the robot that has it."""
    if caller.robot is None or caller.robot["expires_at"] == -1:
        return VALID
    return max(1, min(VALID, int(caller.robot["expires_at"] - time.time())))
