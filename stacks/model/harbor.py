"""The registry."""

from typing import Annotated, Literal

from pydantic import Field, SecretStr

from stacks.model.forms import QUANTITY, HttpUrl, Model


class ExternalHarbor(Model):
    """A Harbor that runs already."""

    url: HttpUrl = Field(description="an http(s) URL without credential", examples=["https://harbor.example.com"])
    username: str = Field(default="admin", min_length=1, description="user who administers it", examples=["admin"])
    password: SecretStr = Field(min_length=1, description="secret: the user's password", examples=None)


class Storage(Model):
    """Sizes of the volumes of a Harbor that the platform installs."""

    registry: str = Field(default="20Gi", pattern=QUANTITY, description="volume for images, as 20Gi", examples=["200Gi"])
    database: str = Field(default="2Gi", pattern=QUANTITY, description="volume of the database, as 2Gi", examples=["10Gi"])
    trivy: str = Field(default="5Gi", pattern=QUANTITY, description="volume of the scanner's database, as 5Gi", examples=["10Gi"])
    storage_class: str | None = Field(
        default=None, min_length=1, description="name of a StorageClass; default: the cluster's own", examples=["fast"]
    )


class Mirror(Model):
    """Where base images come from, through a project of Harbor that keeps them."""

    url: HttpUrl = Field(
        default="https://hub.docker.com", description="http(s) URL of the registry behind it", examples=["https://quay.io"]
    )
    kind: Literal["docker-hub", "docker-registry", "harbor", "quay", "github"] = Field(
        default="docker-hub", description="docker-hub, docker-registry, harbor, quay or github", examples=["quay"]
    )


class Harbor(Model):
    """The registry: installed by the platform, or one that runs already."""

    external: ExternalHarbor | None = Field(
        default=None, description="a Harbor that runs already; default: one is installed", examples=[".url https://harbor.example.com"]
    )
    storage: Storage = Field(default=Storage(), description="sizes of its volumes", examples=[".registry 200Gi"])
    mirror: Mirror = Field(default=Mirror(), description="where base images come from", examples=[".url https://quay.io"])
    prefix: str = Field(
        default="",
        pattern=r"^([a-z0-9]+-)*$",
        description="what the names of projects and robots begin with, lower-case and ending in a hyphen: tells stacks apart in one Harbor",
        examples=["dev-"],
    )
    robot_days: Annotated[int, Field(ge=1, le=36500)] = Field(
        default=365, description="days from a robot's creation until its credential expires, 1 to 36500", examples=["90"]
    )
    verify: bool = Field(
        default=False,
        description="true or false: Pulumi's provider checks the certificate of the Harbor that is installed; "
        "its machine must trust the output caBundle then (SSL_CERT_FILE)",
        examples=["true"],
    )
    delete_images: bool = Field(
        default=False,
        description="true or false: a Harbor project is deleted with the images in it; false: deleting one that holds any fails",
        examples=["true"],
    )
