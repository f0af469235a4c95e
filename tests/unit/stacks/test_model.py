"""Single values of the model that are easily got wrong."""

import pytest
from pydantic import ValidationError

from stacks.model import Image


def test_a_tag_that_yaml_read_as_a_fraction_is_refused() -> None:
    with pytest.raises(ValidationError, match="quote it"):
        Image.model_validate({"repository": "a", "tag": 3.10})


@pytest.mark.parametrize("tag", ["3.10", 7, "v1.2.3"])
def test_other_tags_are_taken_as_they_are(tag: object) -> None:
    assert Image.model_validate({"repository": "a", "tag": tag}).tag == str(tag)
