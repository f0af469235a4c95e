"""From `git push` to an answer through the ingress, by the platform's own pipeline and nothing else."""

import time

import pytest

from naming import App
from sandbox.sample.release import SAMPLE
from tests.e2e.loop import Loop
from tests.e2e.support import Platform, eventually

SHOP, BLOG, LAB = (App.parse(text) for text in ("acme/alice/shop", "acme/bob/blog", "umbrella/carol/lab"))
WAVES = (("dockerfile",), ("node", "python", "static"), ("django", "fastapi", "spa"), ("spring-maven", "nextjs", "go"))
"""Examples that are pushed at once: all whose base can be made of Debian's packages. Gradle's cannot."""


def test_a_push_of_a_new_flask_version_answers(platform: Platform, capsys: pytest.CaptureFixture[str]) -> None:
    loop = Loop(platform, SAMPLE)
    # Not the version that it tells: other tests set that by hand.
    before, began = platform.tag_of_sample(), time.monotonic()
    commit = loop.push(loop.example("flask", **{'"1.0.0"': '"1.0.1"'}))
    statuses = loop.deployed(commit)
    version, whole = platform.tag_of_sample(), time.monotonic() - began
    assert version != before
    assert platform.answer("sample")["name"] == "flask"
    assert version.startswith("v")
    assert statuses["slipway/deploy"].description == f"{version} answers at http://sample.{platform.name}.test"
    assert statuses["slipway/test"].description.startswith("passed")
    assert all(status.target_url.startswith(f"http://jenkins.{platform.name}.test/job/") for status in statuses.values())
    assert loop.image(f"sha-{commit.id}") == loop.image(version), "one image under both tags"
    number = loop.jenkins.builds(loop.job("build"))[0]["number"]
    seconds = loop.artifact("build", number, "steps.txt").text
    for step in ("fetch", "detect", "test", "build", "push", "scan", "tag"):
        assert step in seconds
    with capsys.disabled():
        print(f"\npush until it answers: {whole:.0f} s\n{seconds}")
    assert "vulnerabilities" in loop.artifact("build", number, "vulnerabilities.json").text
    (comment, *further) = [each.note for each in commit.comments.list(get_all=True)]
    assert not further
    assert "gate" in comment


def test_the_same_commit_is_not_built_twice(platform: Platform) -> None:
    loop = Loop(platform, SAMPLE)
    head = loop.project.commits.get("main")
    digest, version, number = (
        loop.image(f"sha-{head.id}"),
        platform.tag_of_sample(),
        len(loop.jenkins.builds(loop.job("build"))) + 1,
    )
    assert digest
    loop.jenkins.start(loop.job("build"), BRANCH="main")
    assert loop.jenkins.finished(loop.job("build"), number)["result"] == "SUCCESS", loop.last_log()
    assert loop.report("build", number, "build")["result"] == "skipped"
    assert loop.image(f"sha-{head.id}") == digest
    eventually(lambda: not loop.jenkins.builds(loop.job("update"))[0]["building"], 120, "the update job ends", every=0.5)
    assert platform.tag_of_sample() == version, "the version stays too"


@pytest.mark.timeout(1200)
@pytest.mark.parametrize("wave", WAVES, ids="-".join)
def test_pushes_of_other_kinds_answer(platform: Platform, wave: tuple[str, ...]) -> None:
    """Every example that can be built here, in three repositories at once."""
    loops = {example: Loop(platform, app) for example, app in zip(wave, (SHOP, BLOG, LAB), strict=False)}
    try:
        commits = {example: loop.push(loop.example(example)) for example, loop in loops.items()}
        for example, loop in loops.items():
            statuses = loop.deployed(commits[example], 900)
            assert " answers at http://" in statuses["slipway/deploy"].description
            assert example in eventually(lambda: platform.get(loop.app.project).text, 30, f"{example} answers")  # noqa: B023
    finally:
        for loop in loops.values():
            loop.remove()


def test_what_no_framework_knows_is_refused_with_a_way_on(platform: Platform) -> None:
    loop = Loop(platform, SHOP)
    commit = loop.push({"Cargo.toml": '[package]\nname = "shop"\n', "src/main.rs": "fn main() {}\n"})
    status = loop.failed(commit, "slipway/build")
    log = loop.last_log()
    assert "detect" in status.description
    for hint in ("Dockerfile", "requirements.txt", "package.json", "go.mod", "index.html", "--path"):
        assert hint in log
    assert loop.image(f"sha-{commit.id}") is None
    assert not loop.is_released()


def test_the_developers_commands_say_the_same(platform: Platform) -> None:
    """What the pipeline found is in its log, in words that a person can read."""
    loop = Loop(platform, SAMPLE)
    number = loop.jenkins.builds(loop.job("build"))[0]["number"]
    log = loop.jenkins.log(loop.job("build"), number)
    assert "flask" in log
    assert "gunicorn" in log
