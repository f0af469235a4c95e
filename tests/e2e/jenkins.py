"""A client of a stack's Jenkins, and pushes that start its builds."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import yaml
from gitlab.v4.objects import Project

from sandbox import jenkins
from sandbox.jenkins import path
from sandbox.outside import GITLAB_GROUP
from tests.e2e.support import Platform, eventually

AGENTS = "jenkins-agents"
BUILD_SECONDS = 240


class Jenkins(jenkins.Jenkins):
    """A stack's Jenkins, and what tests ask of it besides."""

    def __init__(self, platform: Platform) -> None:
        super().__init__(platform.stack, platform.node)

    def builds(self, job: str) -> list[dict[str, Any]]:
        """The builds of a job, newest first."""
        answer = self.get(f"{path(job)}/api/json?tree=builds[number,result,building,timestamp,duration,actions[parameters[name,value]]]")
        return list(answer.raise_for_status().json()["builds"])

    def log(self, job: str, number: int) -> str:
        return self.get(f"{path(job)}/{number}/consoleText").raise_for_status().text

    def start(self, job: str, **parameters: str) -> None:
        verb = "buildWithParameters" if parameters else "build"
        assert self.post(f"{path(job)}/{verb}", data=parameters).status_code == 201

    def finished(self, job: str, number: int, seconds: float = BUILD_SECONDS) -> dict[str, Any]:
        """A build, once it has ended."""

        def ended() -> dict[str, Any] | None:
            return next((each for each in self.builds(job) if each["number"] == number and not each["building"]), None)

        found = eventually(ended, seconds, f"{job} #{number} ends", every=0.5)
        assert found is not None
        return found

    def apply(self, *scripts: str) -> None:
        """Tell Jenkins of further jobs, as its administrator may: they are there until the platform's own are told again."""
        text = yaml.safe_dump({"jobs": [{"script": script} for script in scripts]})
        answer = self.post("/configuration-as-code/apply", content=text.encode(), headers={"Content-Type": "application/yaml"})
        assert answer.is_success, answer.text


def inline(job: str, pipeline: str, *, concurrent: bool = True) -> str:
    """Job DSL of a job whose Jenkinsfile is written right there."""
    serial = "" if concurrent else "properties { disableConcurrentBuilds() }"
    return f"pipelineJob('{job}') {{ {serial}\n definition {{ cps {{ script('''{pipeline}''')\n sandbox() }} }} }}"


def agents(platform: Platform) -> list[str]:
    """The names of the agents' pods."""
    return [pod["metadata"]["name"] for pod in platform.objects("pods", AGENTS)]


@dataclass(frozen=True)
class Source:
    """The repository of an application."""

    project: Project

    def commit(self, files: dict[str, str], branch: str = "main", start: str | None = None) -> str:
        """Commit these files in place of what they replace; returns the commit."""
        there = {each["path"] for each in self.project.repository_tree(recursive=True, iterator=True, ref=start or branch)}
        actions = [{"action": "update" if name in there else "create", "file_path": name, "content": text} for name, text in files.items()]
        data: dict[str, Any] = {"branch": branch, "commit_message": "A change", "actions": actions}
        return str(self.project.commits.create(data | ({"start_branch": start} if start else {})).id)

    def deliveries(self) -> Sequence[dict[str, Any]]:
        """What the hook to Jenkins was told and answered, newest first."""
        (hook,) = [each for each in self.project.hooks.list(iterator=True) if "/project/" in each.url]
        return list(self.project.manager.gitlab.http_list(f"/projects/{self.project.id}/hooks/{hook.id}/events", iterator=True))


def source(platform: Platform, workspace: str, name: str) -> Source:
    return Source(platform.gitlab.projects.get(f"{GITLAB_GROUP}/{platform.name}/{workspace}/{name}"))
