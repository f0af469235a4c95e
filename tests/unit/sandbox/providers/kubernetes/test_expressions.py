"""The annotation pulumi.com/waitFor."""

import pytest

from sandbox.providers.kubernetes.ready.expressions import holds, parse
from sandbox.providers.kubernetes.ready.verdict import Ready, Waiting

ITEM = {
    "spec": {"on": True, "list": [{"a.b": 1}]},
    "status": {"phase": "Running", "conditions": [{"type": "Synced", "status": "True"}, {"type": "Bad", "status": "False"}]},
}


@pytest.mark.parametrize(
    "text",
    [
        "condition=Synced",
        "condition=Bad=False",
        "jsonpath={.status.phase}=Running",
        "jsonpath={.spec.on}=true",
        "jsonpath={.spec.list[0]['a.b']}=1",
        "jsonpath={.status.phase}",
        '["condition=Synced", "jsonpath={.status.phase}=Running"]',
    ],
)
def test_expressions_that_hold(text: str) -> None:
    assert holds(ITEM, parse(text)) == Ready()


@pytest.mark.parametrize("text", ["condition=Bad", "condition=Absent", "jsonpath={.status.phase}=Failed", "jsonpath={.spec.list[3]}"])
def test_expressions_that_do_not_hold(text: str) -> None:
    assert holds(ITEM, parse(text)) == Waiting(f"{text} does not hold")


@pytest.mark.parametrize("text", ["phase=Running", "jsonpath=.status", "jsonpath={.items[*].a}", '["condition=A", 3]'])
def test_other_expressions_are_refused_by_name(text: str) -> None:
    with pytest.raises(ValueError, match="is neither condition="):
        parse(text)
