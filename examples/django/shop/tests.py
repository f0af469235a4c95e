"""What visitors see."""

from django.test import SimpleTestCase


class IndexTest(SimpleTestCase):
    """The one page."""

    def test_it_says_who_answers(self) -> None:
        """By its name."""
        assert self.client.get("/").json()["name"] == "django"
