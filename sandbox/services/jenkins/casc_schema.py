"""Which attributes configuration as code may have here, as data; `read` checks a text against it.

Names are those of https://www.jenkins.io/projects/jcasc/ for the plugins that chart and product install. Jenkins ignores case in them.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import yaml

from sandbox.services.jenkins.casc_cloud import CLOUD
from sandbox.services.jenkins.casc_kinds import FLAG, NUMBER, TEXT, Each, Fields, Kind, OneOf, Scalar, texts
from sandbox.services.jenkins.casc_values import CascError, Resolver

SECURITY_REALM = OneOf(
    {
        "local": Fields(
            {
                **{"allowsSignup": FLAG, "enableCaptcha": FLAG, "captchaSupport": TEXT},
                "users": Each(Fields({"id": TEXT, "name": TEXT, "password": TEXT, "description": TEXT}, required=("id",))),
            }
        )
    }
)
HOLDER = Fields({"name": TEXT, "permissions": Each(TEXT)}, required=("name", "permissions"))
AUTHORIZATION = OneOf(
    {
        "globalMatrix": Fields({"entries": Each(OneOf({"user": HOLDER, "group": HOLDER}))}, required=("entries",)),
        "loggedInUsersCanDoAnything": Fields({"allowAnonymousRead": FLAG}),
        "unsecured": Fields({}),
    }
)
JENKINS = Fields(
    {
        **dict.fromkeys(("numExecutors", "quietPeriod", "scmCheckoutRetryCount", "slaveAgentPort"), NUMBER),
        **dict.fromkeys(("mode", "systemMessage", "labelString", "rawBuildsDir", "workspaceDir"), TEXT),
        "agentProtocols": Each(TEXT),
        "disableRememberMe": FLAG,
        "securityRealm": SECURITY_REALM,
        "authorizationStrategy": AUTHORIZATION,
        "clouds": Each(OneOf({"kubernetes": CLOUD})),
        "crumbIssuer": OneOf({"standard": Fields({"excludeClientIPFromCrumb": FLAG})}),
        "remotingSecurity": Fields({"enabled": FLAG}),
        "markupFormatter": OneOf({"plainText": Fields({}), "rawHtml": Fields({"disableSyntaxHighlighting": FLAG})}),
        "projectNamingStrategy": OneOf({"standard": Fields({})}),
        "scmCheckoutStrategy": TEXT,
        "updateCenter": Fields({"sites": Each(Fields(texts("id", "url")))}),
        "nodeMonitors": Each(OneOf({}, anything=True)),
        "primaryView": OneOf({"all": Fields({"name": TEXT})}),
        "views": Each(OneOf({"all": Fields({"name": TEXT})})),
        "myViewsTabBar": TEXT,
        "viewsTabBar": TEXT,
    }
)  # fmt: skip
_COMMON = texts("scope", "id", "description")
CREDENTIAL = OneOf(
    {
        "usernamePassword": Fields({**_COMMON, **texts("username", "password"), "usernameSecret": FLAG}, required=("username", "password")),
        "string": Fields({**_COMMON, "secret": TEXT}, required=("secret",)),
        "file": Fields({**_COMMON, **texts("fileName", "secretBytes")}, required=("fileName", "secretBytes")),
        "gitLabApiTokenImpl": Fields({**_COMMON, "apiToken": TEXT}, required=("apiToken",)),
    }
)
CREDENTIALS = Fields(
    {
        "system": Fields(
            {
                "domainCredentials": Each(
                    Fields({"domain": Fields(texts("name", "description")), "credentials": Each(CREDENTIAL)}, required=("credentials",))
                )
            }
        )
    }
)
CONNECTION = Fields(
    {
        **texts("name", "url", "apiTokenId", "clientBuilderId"),
        **{"connectionTimeout": NUMBER, "readTimeout": NUMBER, "ignoreCertificateErrors": FLAG},
    },
    required=("name", "url", "apiTokenId"),
)
CONNECTIONS = Fields({"useAuthenticatedEndpoint": FLAG, "connections": Each(CONNECTION)})
SCM_SOURCE = OneOf({"git": Fields({**texts("remote", "credentialsId", "id"), "traits": Each(TEXT)}, required=("remote",))})
LIBRARY = Fields(
    {
        **texts("name", "defaultVersion"),
        **dict.fromkeys(("implicit", "allowVersionOverride", "includeInChangesets"), FLAG),
        "retriever": OneOf({"modernSCM": Fields({"scm": SCM_SOURCE, "clone": FLAG}, required=("scm",))}),
    },
    required=("name", "retriever"),
)
UNCLASSIFIED = Fields(
    {
        "location": Fields(texts("url", "adminAddress")),
        "gitLabConnectionConfig": CONNECTIONS,
        "globalLibraries": Fields({"libraries": Each(LIBRARY)}),
        "buildDiscarders": Fields({"configuredBuildDiscarders": Each(OneOf({"jobBuildDiscarder": Fields({})}))}),
    }
)
SECURITY = Fields(
    {
        "apiToken": Fields(
            dict.fromkeys(("creationOfLegacyTokenEnabled", "tokenGenerationOnCreationEnabled", "usageStatisticsEnabled"), FLAG)
        ),
        "globalJobDslSecurityConfiguration": Fields({"useScriptSecurity": FLAG}),
        "gitHooks": Fields(dict.fromkeys(("allowedOnController", "allowedOnAgents"), FLAG)),
        "gitHostKeyVerificationConfiguration": Fields({"sshHostKeyVerificationStrategy": TEXT}),
        "queueItemAuthenticator": Fields({"authenticators": Each(OneOf({"global": Fields({"strategy": TEXT})}))}),
        "scriptApproval": Fields({"approvedSignatures": Each(TEXT), "forceSandbox": FLAG}),
    }
)
JOBS = Each(Fields({"script": TEXT, "file": TEXT, "providedEnv": Fields({}, others=TEXT)}, exactly_one=True))
ROOT = Fields(
    {
        **{"jenkins": JENKINS, "credentials": CREDENTIALS, "unclassified": UNCLASSIFIED, "security": SECURITY, "jobs": JOBS},
        "tool": Fields({"git": Fields({"installations": Each(Fields(texts("name", "home")))})}),
    }
)


def read(root: yaml.MappingNode, resolver: Resolver) -> dict[str, Any]:
    """Return the configuration `root` as Python values under the names above, with variables replaced.

    Raises CascError for an attribute that is not known, or a value of another kind.
    """
    # Keys as `x-common` hold what aliases refer to.
    kept = [(key, value) for key, value in root.value if not key.value.startswith("x-")]
    found = _Reader(resolver).value(ROOT, yaml.MappingNode(root.tag, kept, root.start_mark), "")
    return found if isinstance(found, dict) else {}


@dataclass(frozen=True)
class _Reader:
    resolver: Resolver

    def value(self, kind: Kind, node: yaml.Node, path: str) -> Any:
        if isinstance(node, yaml.ScalarNode) and node.tag == "tag:yaml.org,2002:null" and not isinstance(kind, OneOf):
            return None
        if isinstance(kind, Scalar):
            return self._scalar(kind, node, path)
        if isinstance(kind, Each):
            return self._each(kind, node, path)
        return self._fields(kind, node, path) if isinstance(kind, Fields) else self._one_of(kind, node, path)

    def _scalar(self, kind: Scalar, node: yaml.Node, path: str) -> Any:
        if not isinstance(node, yaml.ScalarNode):
            raise CascError(f"{path} is a {_kind(node)}, expected {kind.expected}")
        try:
            return kind.convert(self.resolver.resolve(node.value))
        except CascError as error:
            raise CascError(f"{path}: {error}") from None
        except ValueError:
            raise CascError(f"{path} has a value that is not {kind.expected}") from None

    def _each(self, kind: Each, node: yaml.Node, path: str) -> list[Any]:
        # A single element may stand without a list around it.
        nodes: Sequence[yaml.Node] = node.value if isinstance(node, yaml.SequenceNode) else [node]
        return [self.value(kind.kind, each, f"{path}[{index}]") for index, each in enumerate(nodes)]

    def _fields(self, kind: Fields, node: yaml.Node, path: str) -> dict[str, Any]:
        if not isinstance(node, yaml.MappingNode):
            raise CascError(f"{path or 'the root'} is a {_kind(node)}, expected a mapping with {_names(kind.known)}")
        known = {name.lower(): name for name in kind.known}
        found: dict[str, Any] = {}
        for key, value in node.value:
            given = str(key.value)
            name = known.get(given.lower(), given)
            attribute = kind.known.get(name, kind.others)
            if attribute is None:
                raise CascError(_unknown(path, given, kind.known))
            found[name] = self.value(attribute, value, f"{path}.{name}".lstrip("."))
        missing = [name for name in kind.required if found.get(name) is None]
        if missing:
            raise CascError(f"{path} lacks {', '.join(missing)}")
        if kind.exactly_one and len(node.value) != 1:
            raise CascError(f"{path} has {len(node.value)} attributes, expected one of {_names(kind.known)}: only the first would count")
        return found

    def _one_of(self, kind: OneOf, node: yaml.Node, path: str) -> tuple[str, dict[str, Any]]:
        """A symbol, or a mapping of it to its attributes."""
        if isinstance(node, yaml.MappingNode) and len(node.value) == 1:
            value, symbol = node.value[0][1], str(node.value[0][0].value)
        elif isinstance(node, yaml.ScalarNode) and node.value:
            value, symbol = None, str(node.value)
        else:
            raise CascError(f"{path} is a {_kind(node)}, expected one of {_names(kind.known)} with its attributes")
        if kind.anything:
            return symbol, {}
        name = next((name for name in kind.known if name.lower() == symbol.lower()), None)
        if name is None:
            raise CascError(_unknown(path, symbol if value is not None else "that value", kind.known))
        return name, (self.value(kind.known[name], value, f"{path}.{name}") or {}) if value is not None else {}


def _unknown(path: str, name: str, known: Mapping[str, Kind]) -> str:
    if not path:
        return f"No configurator found for the following root element: {name}. Known here: {_names(known)}"
    return f"Invalid configuration elements for type: {path} : {name}. Available attributes : {_names(known)}"


def _kind(node: yaml.Node) -> str:
    return "sequence" if isinstance(node, yaml.SequenceNode) else "mapping" if isinstance(node, yaml.MappingNode) else "scalar"


def _names(known: Mapping[str, Kind]) -> str:
    return ", ".join(sorted(known)) or "none"
