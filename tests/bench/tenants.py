"""What one more tenant costs, among few and among 200: seconds, and how many objects are touched."""

import json
import tempfile
import time
from pathlib import Path

from tests.e2e.registry import configured
from tests.e2e.support import Platform

MANY, WORKSPACES = 200, 10
# The engine writes the whole state after every step; for making 200 tenants that would take longer than all else.
QUICKLY = {"PULUMI_EXPERIMENTAL": "true", "PULUMI_SKIP_CHECKPOINTS": "true"}


def measure(platform: Platform) -> dict[str, float]:
    """Add one tenant with one application to the sandbox's own, then to 200; take all of them away again."""
    figures: dict[str, float] = {}
    with tempfile.TemporaryDirectory() as folder:
        with configured(platform, tenantsFolder=folder):
            figures |= _one_more(platform, Path(folder), "among few")
            for number in range(MANY):
                _declare(Path(folder), f"w{number % WORKSPACES}", f"user{number}")
            figures["up of 200 tenants, s"] = _seconds(platform, "up", "--yes", "--skip-preview", **QUICKLY)
            figures["resources with 200 tenants, count"] = len(json.loads(platform.pulumi("stack", "export"))["deployment"]["resources"])
            figures |= _one_more(platform, Path(folder), "among 200")
        figures["up that takes 200 tenants away, s"] = _seconds(platform, "up", "--yes", "--skip-preview", **QUICKLY)
    return figures


def _one_more(platform: Platform, folder: Path, where: str) -> dict[str, float]:
    file = _declare(folder, "bench", "newcomer")
    began = time.monotonic()
    steps = json.loads(platform.pulumi("preview", "--json"))["steps"]
    preview = time.monotonic() - began
    figures = {
        f"one tenant more {where}: preview, s": preview,
        f"one tenant more {where}: up, s": _seconds(platform, "up", "--yes", "--skip-preview"),
        f"one tenant more {where}: objects touched, count": sum(step["op"] != "same" for step in steps),
    }
    file.unlink()
    figures[f"one tenant less {where}: up, s"] = _seconds(platform, "up", "--yes", "--skip-preview")
    return figures


def _declare(folder: Path, workspace: str, user: str) -> Path:
    file = folder / f"{user}.yaml"
    file.write_text(f"workspace: {workspace}\nuser: {user}\napplications: [{{project: app}}]\n")
    return file


def _seconds(platform: Platform, *arguments: str, **variables: str) -> float:
    began = time.monotonic()
    platform.stack.pulumi(*arguments, variables=variables)
    return time.monotonic() - began
