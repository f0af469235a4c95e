"""Jenkins."""

import json
from datetime import date
from typing import Annotated, Literal

from pydantic import Field, SecretStr

from components.versions import HELM, JENKINS_AGENT, JENKINS_CONTROLLER
from naming import LABEL
from stacks.model.forms import QUANTITY, FilePath, HttpUrl, Model


class ExternalJenkins(Model):
    """A Jenkins that runs already. The program makes the text of its jobs; `slipway jenkins apply` hands it over."""

    url: HttpUrl = Field(description="an http(s) URL without credential", examples=["https://jenkins.example.com"])
    username: str = Field(default="admin", min_length=1, description="user who administers it", examples=["admin"])
    password: SecretStr = Field(min_length=1, description="secret: the user's API token, or password", examples=None)


class JenkinsStorage(Model):
    """The volume of a Jenkins that the platform installs."""

    size: str = Field(default="8Gi", pattern=QUANTITY, description="volume for jobs and their history, as 8Gi", examples=["20Gi"])
    storage_class: str | None = Field(
        default=None, min_length=1, description="name of a StorageClass; default: the cluster's own", examples=["fast"]
    )


class JenkinsImages(Model):
    """What the platform's own images begin with."""

    controller: str = Field(
        default=JENKINS_CONTROLLER,
        min_length=1,
        description="image of Jenkins, to which plugins are added",
        examples=["registry.example.com/jenkins/jenkins:2.568.2-jdk21"],
    )
    agent: str = Field(
        default=JENKINS_AGENT,
        min_length=1,
        description="image of an agent, to which the release tools are added",
        examples=["registry.example.com/jenkins/inbound-agent:3385"],
    )
    helm: str = Field(
        default=HELM, min_length=1, description="image that the agent gets Helm from", examples=["docker.io/alpine/helm:3.19.0"]
    )
    network: str | None = Field(
        default=None,
        min_length=1,
        description="Docker network of the builds of these images; default: Docker's own choice",
        examples=["host"],
    )
    docker_certificates: FilePath | None = Field(
        default=None,
        description="path of the Docker engine's folder of trusted certificates, into which the run writes those of an installed Harbor; "
        "default: nothing is written",
        examples=["/etc/docker/certs.d"],
    )


class Allowance(Model):
    """A finding of the scanner that is let through for a time."""

    id: str = Field(pattern=r"^[A-Za-z0-9][A-Za-z0-9:._-]{0,99}$", description="the finding's id", examples=["CVE-2026-12345"])
    reason: str = Field(min_length=3, max_length=250, description="why it does no harm, or cannot be mended yet", examples=["unused"])
    until: date = Field(description="its last day, in UTC, as 2026-12-31", examples=["2026-12-31"])
    workspace: str | None = Field(default=None, pattern=LABEL, description="workspace it holds for; default: all", examples=["acme"])
    package: str | None = Field(default=None, min_length=1, description="package it holds for; default: all", examples=["openssl"])


class Scan(Model):
    """Which findings of the scanner keep an image from being released."""

    fail_on: Literal["never", "low", "medium", "high", "critical"] = Field(
        default="critical", description="lowest severity that is refused, or never", examples=["high"]
    )
    allow: tuple[Allowance, ...] = Field(
        default=(), description="list of findings that are let through", examples=["[0].id CVE-2026-12345"]
    )

    def variables(self) -> dict[str, str]:
        """How the release tools are told."""
        allowed = [each.model_dump(mode="json", exclude_none=True) for each in self.allow]
        return {"SLIPWAY_SCAN_FAIL_ON": self.fail_on, "SLIPWAY_SCAN_ALLOWED": json.dumps(allowed)}


class Jenkins(Model):
    """What builds: installed by the platform, or one that runs already."""

    enabled: bool = Field(default=True, description="true or false: whether there is one at all", examples=["false"])
    external: ExternalJenkins | None = Field(
        default=None, description="a Jenkins that runs already; default: one is installed", examples=[".url https://jenkins.example.com"]
    )
    prefix: str = Field(
        default="",
        pattern=r"^([a-z0-9]+-)*$",
        description="what the names of folders begin with, lower-case and ending in a hyphen: tells stacks apart in one Jenkins",
        examples=["dev-"],
    )
    agents: Annotated[int, Field(ge=1, le=1000)] = Field(default=10, description="agents at once, 1 to 1000", examples=["20"])
    scan: Scan = Field(default=Scan(), description="what of a scan keeps an image back", examples=[".failOn high"])
    storage: JenkinsStorage = Field(default=JenkinsStorage(), description="its volume", examples=[".size 20Gi"])
    images: JenkinsImages = Field(default=JenkinsImages(), description="images below its own", examples=[".network host"])
