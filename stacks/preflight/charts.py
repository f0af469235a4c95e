"""Whether a directory of charts holds them. Others are told by Helm, which reads a repository only once."""

from collections.abc import Iterator
from pathlib import Path

from components.chart import is_directory
from components.versions import CHARTS
from stacks.model import Charts


def problems(charts: Charts) -> Iterator[str]:
    """A line for each chart that is not where the settings say."""
    for pin in CHARTS:
        source = charts.source_of(pin.name)
        if is_directory(source) and not Path(source, pin.name, "Chart.yaml").is_file():
            yield f"chart directory {source} has no {pin.name}/Chart.yaml; set slipway:charts.source, or put the chart there"
