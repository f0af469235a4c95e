"""What visitors see."""

from app import VERSION, app


def test_it_says_who_answers() -> None:
    answer = app.test_client().get("/")
    assert answer.json is not None
    assert answer.json["name"] == "flask"
    assert answer.json["version"] == VERSION


def test_it_is_well() -> None:
    assert app.test_client().get("/healthz").text == "ok\n"
