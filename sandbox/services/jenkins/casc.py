"""Configuration as code: finds the YAML files, merges them, and reads them into a Configuration."""

import os
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import yaml

from sandbox.services.jenkins import casc_schema
from sandbox.services.jenkins.casc_read import configuration
from sandbox.services.jenkins.casc_values import CascError, Resolver
from sandbox.services.jenkins.configuration import Configuration

SUFFIXES = {".yml", ".yaml", ".YML", ".YAML"}
NODES = 200_000
"""As many nodes as a configuration may have, aliases counted as often as they stand."""
ERROR_ON_CONFLICT, OVERRIDE = "errorOnConflict", "override"
Text = tuple[str, str]
"""Where a text is from, and the text."""


@dataclass(frozen=True)
class Sources:
    """`places`: files and folders of YAML. `secrets`: folder of secret files. `environment`: of the process."""

    places: Sequence[str]
    secrets: Path
    environment: Mapping[str, str]

    def read(self) -> Configuration:
        """Return the configuration that the files hold; raises CascError."""
        return self.apply([text for place in self.places for text in _texts(Path(place))])

    def apply(self, texts: Iterable[Text]) -> Configuration:
        """Return the configuration that `texts` hold together; raises CascError."""
        strict = self.environment.get("CASC_STRICT_SECRET_RESOLUTION", "").lower() == "true"
        resolver = Resolver(self.secrets, self.environment, strict=strict)
        strategy = self.environment.get("CASC_MERGE_STRATEGY") or ERROR_ON_CONFLICT
        if strategy not in (ERROR_ON_CONFLICT, OVERRIDE):
            raise CascError(f"CASC_MERGE_STRATEGY is {strategy!r}, expected {ERROR_ON_CONFLICT} or {OVERRIDE}")
        try:
            merged = merge(texts, override=strategy == OVERRIDE)
            return configuration(casc_schema.read(merged, resolver))
        except RecursionError:
            raise CascError("the configuration refers to itself by an alias") from None


def sources(environment: Mapping[str, str] = os.environ) -> Sources:
    """Return where the environment says that the configuration is; raises CascError if it does not say."""
    places = [place.strip() for place in environment.get("CASC_JENKINS_CONFIG", "").split(",") if place.strip()]
    if not places:
        raise CascError("CASC_JENKINS_CONFIG is not set, expected a folder of YAML files, or files separated by commas")
    return Sources(places, Path(environment.get("SECRETS") or "/run/secrets"), environment)


def _texts(place: Path) -> list[Text]:
    if not place.exists():
        raise CascError(f"Invalid configuration: '{place}' isn't a valid path.")
    files = [place] if place.is_file() else sorted(_files(place))
    try:
        return [(str(file), file.read_text(encoding="utf-8")) for file in files]
    except (OSError, UnicodeDecodeError) as error:
        raise CascError(f"{place}: a file cannot be read: {type(error).__name__}; expected UTF-8 text") from None


def _files(folder: Path) -> Iterable[Path]:
    """Kubernetes mounts files as links into hidden folders: those folders are left out."""
    for path, folders, files in os.walk(folder, followlinks=True):
        folders[:] = [name for name in folders if not name.startswith(".")]
        yield from (Path(path, name) for name in files if Path(name).suffix in SUFFIXES and not name.startswith("."))


def merge(texts: Iterable[Text], *, override: bool = False) -> yaml.MappingNode:
    """Return the texts as one: lists are put together, mappings merged, and a value that two texts give is an error unless `override`."""
    root: yaml.Node | None = None
    for place, text in texts:
        node = _compose(place, text)
        if root is None:
            root = node
        elif node is not None:
            root = _merged(root, node, place, override)
    root = root or yaml.MappingNode("tag:yaml.org,2002:map", [])
    if not isinstance(root, yaml.MappingNode):
        raise CascError("the configuration is no mapping, expected root elements as `jenkins:`")
    _count(root, [0])
    return root


def _compose(place: str, text: str) -> yaml.Node | None:
    try:
        return yaml.compose(text, Loader=yaml.SafeLoader)
    except yaml.MarkedYAMLError as error:
        # Neither the snippet nor the problem: both quote the text, which may be secret.
        mark = error.problem_mark or error.context_mark
        raise CascError(f"{place}: line {mark.line + 1 if mark else '?'} is no valid YAML") from None
    except yaml.YAMLError:
        raise CascError(f"{place} is no valid YAML") from None


def _merged(root: yaml.Node, node: yaml.Node, place: str, override: bool) -> yaml.Node:
    where = f"{place}, line {node.start_mark.line + 1}"
    if type(root) is not type(node):
        raise CascError(f"Found incompatible configuration elements {where}")
    if isinstance(root, yaml.SequenceNode):
        return yaml.SequenceNode(root.tag, [*root.value, *node.value], root.start_mark)
    if not isinstance(root, yaml.MappingNode):
        if override:
            return node
        raise CascError(f"Found conflicting configuration at {where}: the value is in another file too")
    entries = {_key(key, place): (key, value) for key, value in root.value}
    for key, value in node.value:
        name = _key(key, place)
        entries[name] = (key, _merged(entries[name][1], value, place, override) if name in entries else value)
    return yaml.MappingNode(root.tag, list(entries.values()), root.start_mark)


def _key(node: yaml.Node, place: str) -> str:
    if not isinstance(node, yaml.ScalarNode):
        raise CascError(f"{place}, line {node.start_mark.line + 1}: Found non-mergeable configuration keys")
    return str(node.value)


def _count(node: yaml.Node, seen: list[int]) -> None:
    seen[0] += 1
    if seen[0] > NODES:
        raise CascError(f"the configuration has more than {NODES} nodes, or refers to itself by an alias")
    if isinstance(node, yaml.SequenceNode):
        for each in node.value:
            _count(each, seen)
    elif isinstance(node, yaml.MappingNode):
        for _, each in node.value:
            _count(each, seen)
