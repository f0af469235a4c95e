"""Hooks that fail are switched off: https://docs.gitlab.com/user/project/integrations/webhooks/#auto-disabled-webhooks."""

import time
from datetime import UTC, datetime
from math import inf

from sandbox.services.gitlab.instance import Instance
from sandbox.services.gitlab.store import Row

THRESHOLD = 4  # failed deliveries in a row
FIRST_PAUSE, LONGEST_PAUSE = 60.0, 86400.0  # seconds


def executable(hook: Row) -> bool:
    """Tell whether `hook` is sent events."""
    return bool(hook["disabled_until"] <= time.time())


def note_result(gitlab: Instance, hook_id: int, status: str) -> None:
    """Count the result of a delivery that is over: `status` is the receiver's HTTP status, or another text for no answer.

    A success switches the hook on again. A 4xx switches it off for good, everything else for a while that doubles each time.
    """
    if status.startswith("2"):
        gitlab.db.update("hooks", hook_id, failures=0, backoffs=0, disabled_until=0)
        return
    gitlab.db.execute("UPDATE hooks SET failures = failures + 1 WHERE id = ?", hook_id)
    hook = gitlab.db.one("SELECT * FROM hooks WHERE id = ?", hook_id)
    if hook is None or hook["failures"] < THRESHOLD:
        return
    if status.startswith("4"):
        gitlab.db.update("hooks", hook_id, disabled_until=inf)
    elif hook["disabled_until"] != inf:
        pause = min(FIRST_PAUSE * 2 ** min(hook["backoffs"], 30), LONGEST_PAUSE)
        gitlab.db.update("hooks", hook_id, backoffs=hook["backoffs"] + 1, disabled_until=time.time() + pause)


def shown(hook: Row) -> dict[str, str | None]:
    """Return the fields that tell how the hook is."""
    if executable(hook):
        return {"alert_status": "executable", "disabled_until": None}
    if hook["disabled_until"] == inf:
        return {"alert_status": "disabled", "disabled_until": None}
    until = datetime.fromtimestamp(hook["disabled_until"], UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")
    return {"alert_status": "temporarily_disabled", "disabled_until": until}
