"""What clients see."""

import json

from main import answer


def test_it_says_who_answers() -> None:
    assert json.loads(answer())["name"] == "python"
