"""The table that `make bench` prints, and the file that it writes."""

import json
import subprocess
from collections.abc import Mapping

from sandbox.cache import ROOT

FILE = ROOT / "build" / "bench.json"
Figures = Mapping[str, float]
"""Figures of one benchmark by what they say, the unit at the end: `down, s`."""


def report(sections: Mapping[str, Figures]) -> None:
    """Print the figures by section and write them to build/bench.json, with the commit they belong to."""
    for title, figures in sections.items():
        print(f"\n{title}")
        for name, value in figures.items():
            text, _, unit = name.rpartition(", ")
            print(f"  {text:<60}{value:10.2f} {unit}")
    FILE.parent.mkdir(exist_ok=True)
    FILE.write_text(json.dumps({"commit": _commit(), "figures": sections}, indent=2) + "\n")
    print(f"\nWritten to {FILE.relative_to(ROOT)}.")


def _commit() -> str:
    command = ["git", "describe", "--always", "--dirty", "--abbrev=40"]
    return subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False).stdout.strip()
