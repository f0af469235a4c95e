"""`make bench`: bring the tests' sandbox up, measure, take it down, print the table and write build/bench.json."""

import time

from tests.bench import delivery, loop, noop, releases, start, tenants
from tests.bench.report import Figures, report
from tests.e2e.support import NAME, Platform, slipway


def main() -> None:
    """Measure all there is. Raises AssertionError when a command fails."""
    slipway("sandbox", "down", "--name", NAME)
    sections: dict[str, Figures] = {}
    try:
        sections["First up, tools and images there"] = start.measure()
        platform = Platform(NAME)
        sections["Runs without changes (medians; compare the ratios)"] = noop.measure(platform)
        sections["From a push to an answer, through the pipeline (medians)"] = loop.measure(platform)
        sections["From Git to pods (medians)"] = delivery.measure(platform)
        sections["Releases, by the size of the GitOps repository (medians; compare the ratios)"] = releases.measure(platform)
        sections["Tenants"] = tenants.measure(platform)
    finally:
        began = time.monotonic()
        slipway("sandbox", "down", "--name", NAME)
        sections["Down"] = {"whole, s": time.monotonic() - began}
    report(sections)


if __name__ == "__main__":
    main()
