"""What clients see."""

from fastapi.testclient import TestClient
from main import app


def test_it_says_who_answers() -> None:
    assert TestClient(app).get("/").json()["name"] == "fastapi"
