"""The rights of a robot: in the form that is kept, and whether its creator may give them."""

from typing import Any

from sandbox.services.harbor import access
from sandbox.services.harbor.auth import Caller
from sandbox.services.harbor.errors import bad_request, denied, not_found
from sandbox.services.harbor.instance import Harbor
from sandbox.services.harbor.permissions import PROJECT, SYSTEM

LONGEST_DURATION = 2**31 - 1
RIGHTS = {"system": SYSTEM, "project": PROJECT}


def checked(given: dict[str, Any], duration: int) -> list[dict[str, Any]]:
    """Return the permissions in the form that is kept; ApiError 400 if they, the level or the duration do not fit."""
    if duration != -1 and not 0 < duration <= LONGEST_DURATION:
        raise bad_request(f"bad request error duration input: {duration}, duration must be either -1(Never) or a positive integer")
    if given["level"] not in RIGHTS:
        raise bad_request(f"bad request error level input: {given['level']}")
    permissions = given.get("permissions") or []
    if not permissions:
        raise bad_request("bad request empty permission")
    grants = [_grant(each) for each in permissions]
    if given["level"] == "project" and (len(grants) > 1 or grants[0]["kind"] != "project"):
        raise bad_request("bad request permission")
    return grants


def check(harbor: Harbor, caller: Caller, grants: list[dict[str, Any]]) -> None:
    """Raise ApiError 404 for a project that is not there, 403 for what a robot as the `caller` does not have itself."""
    for grant in grants:
        named = grant["kind"] == "project" and grant["namespace"] != "*"
        if named and access.find_project(harbor, grant["namespace"], by_name=True) is None:
            raise not_found(f"project {grant['namespace']}")
    if not caller.admin and not _within(caller, grants):
        raise denied("permission scope is invalid. It must be equal to or more restrictive than the creator robot's permissions")


def _grant(given: Any) -> dict[str, Any]:
    if not isinstance(given, dict) or given.get("kind") not in RIGHTS or not isinstance(given.get("namespace"), str):
        raise bad_request(f"bad request permission level: {given.get('kind') if isinstance(given, dict) else given}")
    access_list = given.get("access")
    if not isinstance(access_list, list) or not access_list or not all(isinstance(each, dict) for each in access_list):
        raise bad_request("bad request empty access")
    for each in access_list:
        if (each.get("resource"), each.get("action")) not in RIGHTS[given["kind"]]:
            raise bad_request(f"bad request permission: {each.get('resource')}:{each.get('action')}")
    kept = [{"resource": each["resource"], "action": each["action"], "effect": each.get("effect") or "allow"} for each in access_list]
    return {"kind": given["kind"], "namespace": given["namespace"], "access": kept}


def _within(caller: Caller, grants: list[dict[str, Any]]) -> bool:
    def has(grant: dict[str, Any], each: dict[str, str]) -> bool:
        places = ("*", grant["namespace"]) if grant["kind"] == "project" else (grant["namespace"], "/")
        held = [own for own in caller.grants if own["kind"] == grant["kind"] and own["namespace"] in places]
        return any((own["resource"], own["action"]) == (each["resource"], each["action"]) for mine in held for own in mine["access"])

    return all(has(grant, each) for grant in grants for each in grant["access"])
