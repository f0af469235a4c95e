"""Ten applications pushed at the same moment."""

import time
from concurrent.futures import ThreadPoolExecutor

import pytest
import yaml

from naming import App
from tests.e2e.loop import Loop
from tests.e2e.registry import configured
from tests.e2e.support import Platform
from tests.e2e.test_loop_faults import page

NAMES = [f"ten-{number}" for number in range(10)]
LIMIT_SECONDS = 1200.0


@pytest.mark.soak
@pytest.mark.timeout(1800)
def test_ten_applications_pushed_at_once_all_end_deployed(platform: Platform, capsys: pytest.CaptureFixture[str]) -> None:
    applications = [{"project": name, "port": 8080, "hosts": [f"{name}.{platform.name}.test"]} for name in NAMES]
    tenants = [*declared(platform), {"workspace": "decade", "user": "dora", "applications": applications}]
    with configured(platform, tenants=tenants):
        platform.pulumi("up", "--yes", "--skip-preview")
        loops = [Loop(platform, App(workspace="decade", user="dora", project=name)) for name in NAMES]
        began = time.monotonic()
        with ThreadPoolExecutor(len(loops)) as pool:
            commits = list(pool.map(lambda loop: loop.push(page(loop.app.project)), loops))
            ended = list(
                pool.map(
                    lambda pair: (pair[0].deployed(pair[1], LIMIT_SECONDS), time.monotonic() - began)[1], zip(loops, commits, strict=True)
                )
            )
        for loop in loops:
            assert loop.app.project in platform.get(loop.app.project).text
        with capsys.disabled():
            print(f"\nten applications, pushed at once: the first deployed after {min(ended):.0f} s, the last after {max(ended):.0f} s")
        for loop in loops:
            loop.remove()
    platform.pulumi("up", "--yes", "--skip-preview")


def declared(platform: Platform) -> list[dict[str, object]]:
    """The tenants that the stack has."""
    return list(yaml.safe_load(platform.stack.config.read_text())["config"]["slipway:tenants"])
