import pytest

from components.chart import ChartPin, ChartReference, locate

PIN = ChartPin(name="argo-cd", version="1.2.3", repository="https://charts.example.com")


@pytest.mark.parametrize(
    ("source", "expected"),
    [
        ("upstream", ChartReference(chart="argo-cd", version="1.2.3", repository="https://charts.example.com")),
        ("oci://registry.example.com/charts/", ChartReference(chart="oci://registry.example.com/charts/argo-cd", version="1.2.3")),
        ("/srv/charts", ChartReference(chart="/srv/charts/argo-cd")),
    ],
)
def test_a_chart_is_found_in_every_kind_of_source(source: str, expected: ChartReference) -> None:
    assert locate(PIN, source) == expected


def test_helm_is_told_only_what_it_needs() -> None:
    assert ChartReference(chart="/srv/charts/argo-cd").release_args() == {"chart": "/srv/charts/argo-cd"}
