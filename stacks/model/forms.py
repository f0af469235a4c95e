"""What the models of the configuration share: their base, and the forms of values."""

from pathlib import Path
from typing import Annotated
from urllib.parse import urlsplit

from pydantic import AfterValidator, BaseModel, BeforeValidator, ConfigDict, Field
from pydantic.alias_generators import to_camel

from components.chart import is_directory

HOST = r"^[a-z0-9]([a-z0-9-]*[a-z0-9])?(\.[a-z0-9]([a-z0-9-]*[a-z0-9])?)+$"
QUANTITY = r"^[1-9][0-9]*(Ki|Mi|Gi|Ti)$"


def _http_url(url: str) -> str:
    """A URL without a trailing slash, so that paths can be appended."""
    parts = urlsplit(url)
    if parts.scheme not in {"http", "https"} or not parts.hostname:
        raise ValueError("not an http(s) URL")
    if parts.username or parts.password:
        raise ValueError("a URL must not hold a credential")
    return url.rstrip("/")


def absolute(path: str) -> str:
    """A directory or file with `~` expanded; relative ones start at the program's directory."""
    return str(Path(path).expanduser().absolute())


def _chart_source(source: str) -> str:
    return absolute(source) if is_directory(source) else source


def _no_fraction(tag: object) -> object:
    """YAML reads 3.10 as the number 3.1: better to ask than to pull another version."""
    if isinstance(tag, float):
        raise ValueError("a number, which would lose its trailing zeros: quote it")
    return tag


Tag = Annotated[str, BeforeValidator(_no_fraction)]
HttpUrl = Annotated[str, AfterValidator(_http_url)]
FilePath = Annotated[str, AfterValidator(absolute)]
Host = Annotated[str, Field(pattern=HOST)]
ChartSource = Annotated[str, Field(min_length=1), AfterValidator(_chart_source)]


class Model(BaseModel):
    """Unknown keys are errors; keys are written in camelCase, as everywhere in Pulumi, whose `config set` makes numbers
    of what looks like one."""

    model_config = ConfigDict(extra="forbid", frozen=True, alias_generator=to_camel, coerce_numbers_to_str=True)
