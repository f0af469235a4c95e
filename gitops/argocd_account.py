"""The account in Argo CD by which releases look at applications: what it may do, and its one token.

Argo CD knows a token again by its id, as listed in `argocd-secret`; the signature is by Argo CD's server key. So the token can be computed,
and nobody has to sign in to make it: https://argo-cd.readthedocs.io/en/stable/operator-manual/user-management/
"""

import json
from typing import Any

from naming import ARGOCD_PROJECT_PREFIX

PROJECTS = f"{ARGOCD_PROJECT_PREFIX}*"
"""The AppProjects of the tenants' applications, one a workspace."""
ACCOUNT = "release"
TOKEN_ID = "slipway"  # noqa: S105 (a name, not a secret)

# 2026-01-01T00:00:00Z: a constant, because a clock would be a change on every run.
ISSUED_AT = 1767225600

_MAY = (("applications", "get"), ("applications", "sync"), ("logs", "get"))


def policy() -> str:
    """What the account may do, as lines of Argo CD's `policy.csv`: look at applications and their logs, and end a running sync."""
    return "".join(f"p, {ACCOUNT}, {kind}, {verb}, {PROJECTS}/*, allow\n" for kind, verb in _MAY)


def listed() -> str:
    """The account's tokens as `argocd-secret` lists them; the token itself is not among it."""
    return json.dumps([{"id": TOKEN_ID, "iat": ISSUED_AT}])


def claims() -> dict[str, Any]:
    """What the token says."""
    return {"iss": "argocd", "sub": f"{ACCOUNT}:apiKey", "jti": TOKEN_ID, "iat": ISSUED_AT, "nbf": ISSUED_AT}
