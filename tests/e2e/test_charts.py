"""What the sandbox's charts render from the values that users of the real charts know."""

import subprocess
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
import yaml

from sandbox.charts import generate
from sandbox.tools import build as tools

Objects = dict[tuple[str, str], dict[str, Any]]
Template = Callable[..., Objects]

ARGO_CD = ("argocd", "argo-cd")
INGRESS = ("ingress-nginx", "ingress-nginx")
JENKINS = ("jenkins", "jenkins")
NEEDED = ("controller.installPlugins=false", "controller.admin.existingSecret=admin")
PARTS = ("crds.keep=false", "dex.enabled=false", "notifications.enabled=false", "redisSecretInit.enabled=false")


@pytest.fixture(scope="module")
def charts(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return generate(tools.ensure()["manifests"], tmp_path_factory.mktemp("generated") / "charts")


@pytest.fixture(scope="module")
def run(helm: Path, charts: Path) -> Callable[..., subprocess.CompletedProcess[str]]:
    def template(release: str, chart: str, *settings: str) -> subprocess.CompletedProcess[str]:
        options = [option for setting in settings for option in ("--set", setting)]
        command = [str(helm), "template", release, str(charts / chart), "--namespace", "elsewhere", *options]
        return subprocess.run(command, capture_output=True, text=True, check=False)

    return template


@pytest.fixture(scope="module")
def template(run: Callable[..., subprocess.CompletedProcess[str]]) -> Template:
    """Objects by kind and name, as `helm template` renders them with the given settings."""

    def objects(release: str, chart: str, *settings: str) -> Objects:
        result = run(release, chart, *settings)
        assert result.returncode == 0, result.stderr
        loaded = yaml.load_all(result.stdout, Loader=getattr(yaml, "CSafeLoader", yaml.SafeLoader))
        return {(item["kind"], item["metadata"]["name"]): item for item in loaded if item}

    return objects


def container(workload: dict[str, Any]) -> dict[str, Any]:
    main: dict[str, Any] = workload["spec"]["template"]["spec"]["containers"][0]
    return main


def test_argo_cd_comes_with_its_components_and_definitions(template: Template) -> None:
    objects = template(*ARGO_CD)
    for name in ("server", "repo-server", "applicationset-controller", "redis", "dex-server", "notifications-controller"):
        assert ("Deployment", f"argocd-{name}") in objects
    assert ("StatefulSet", "argocd-application-controller") in objects
    for name in ("applications", "applicationsets", "appprojects"):
        definition = objects["CustomResourceDefinition", f"{name}.argoproj.io"]
        assert definition["metadata"]["annotations"]["helm.sh/resource-policy"] == "keep"
        assert definition["spec"]["versions"]


def test_parts_of_argo_cd_can_be_left_out(template: Template) -> None:
    objects = template(*ARGO_CD, *PARTS, "configs.secret.createSecret=false")
    assert not [name for _, name in objects if name.startswith(("argocd-dex", "argocd-notifications"))]
    assert ("Secret", "argocd-secret") not in objects
    assert "initContainers" not in objects["Deployment", "argocd-redis"]["spec"]["template"]["spec"]
    definition = objects["CustomResourceDefinition", "applications.argoproj.io"]
    assert "helm.sh/resource-policy" not in definition["metadata"]["annotations"]
    assert not [kind for kind, _ in template(*ARGO_CD, "crds.install=false") if kind == "CustomResourceDefinition"]


def test_argo_cd_is_bound_to_the_namespace_of_the_release(template: Template) -> None:
    bindings = [item for (kind, _), item in template(*ARGO_CD).items() if kind == "ClusterRoleBinding"]
    assert {subject["namespace"] for binding in bindings for subject in binding["subjects"]} == {"elsewhere"}


def test_images_of_argo_cd(template: Template) -> None:
    objects = template(
        *ARGO_CD, "global.image.repository=a.test/argocd", "global.image.tag=v1", "redis.image.repository=b.test/redis", "redis.image.tag=2"
    )
    assert container(objects["Deployment", "argocd-server"])["image"] == "a.test/argocd:v1"
    assert container(objects["Deployment", "argocd-redis"])["image"] == "b.test/redis:2"
    init = objects["Deployment", "argocd-repo-server"]["spec"]["template"]["spec"]["initContainers"][0]
    assert init["image"] == "a.test/argocd:v1"


def test_configuration_of_argo_cd(template: Template) -> None:
    settings = (
        r"configs.params.server\.insecure=true",
        r"configs.cm.timeout\.reconciliation=60s",
        r"configs.rbac.policy\.default=role:readonly",
    )
    objects = template(*ARGO_CD, "global.domain=argocd.dev.test", *settings)
    assert objects["ConfigMap", "argocd-cmd-params-cm"]["data"] == {"server.insecure": "true"}
    assert objects["ConfigMap", "argocd-rbac-cm"]["data"]["policy.default"] == "role:readonly"
    general = objects["ConfigMap", "argocd-cm"]["data"]
    assert general["timeout.reconciliation"] == "60s"
    assert general["url"] == "https://argocd.dev.test"
    assert "resource.exclusions" in general  # what Argo CD's own manifests say is kept


def test_new_parameters_restart_argo_cd(template: Template) -> None:
    def annotations(*settings: str) -> Any:
        return template(*ARGO_CD, *settings)["Deployment", "argocd-server"]["spec"]["template"]["metadata"]["annotations"]

    assert annotations() == annotations()
    assert annotations() != annotations(r"configs.params.server\.insecure=true")


@pytest.mark.parametrize(("insecure", "port"), [("true", 80), ("false", 443)])
def test_ingresses_of_argo_cd(template: Template, insecure: str, port: int) -> None:
    on = ("server.ingress.enabled=true", "server.ingress.ingressClassName=nginx", "server.ingress.tls=true")
    hooks = ("applicationSet.ingress.enabled=true", "applicationSet.ingress.hostname=hooks.dev.test")
    objects = template(*ARGO_CD, "global.domain=argocd.dev.test", rf"configs.params.server\.insecure={insecure}", *on, *hooks)
    server = objects["Ingress", "argocd-server"]["spec"]
    assert server["ingressClassName"] == "nginx"
    assert server["rules"][0]["host"] == "argocd.dev.test"
    assert server["rules"][0]["http"]["paths"][0]["backend"]["service"] == {"name": "argocd-server", "port": {"number": port}}
    assert server["tls"] == [{"hosts": ["argocd.dev.test"], "secretName": "argocd-server-tls"}]
    webhook = objects["Ingress", "argocd-applicationset-controller"]["spec"]["rules"][0]
    assert (webhook["host"], webhook["http"]["paths"][0]["path"]) == ("hooks.dev.test", "/api/webhook")


def test_a_release_that_argo_cd_could_not_find_its_objects_in_is_refused(run: Callable[..., subprocess.CompletedProcess[str]]) -> None:
    refused = run("cd", "argo-cd")
    assert refused.returncode != 0
    assert 'objects would be named "cd-argocd"' in refused.stderr
    assert run("cd", "argo-cd", "fullnameOverride=argocd").returncode == 0


def test_ingress_nginx_as_a_deployment_behind_a_load_balancer(template: Template) -> None:
    objects = template(*INGRESS)
    main = container(objects["Deployment", "ingress-nginx-controller"])
    assert main["image"] == "registry.k8s.io/ingress-nginx/controller:v1.15.1"
    assert "--publish-service=elsewhere/ingress-nginx-controller" in main["args"]
    assert not [port for port in main["ports"] if "hostPort" in port]
    assert objects["Service", "ingress-nginx-controller"]["spec"]["type"] == "LoadBalancer"
    assert "annotations" not in objects["IngressClass", "nginx"]["metadata"]


def test_ingress_nginx_on_the_ports_of_every_node(template: Template) -> None:
    objects = template(
        *INGRESS,
        "controller.kind=DaemonSet",
        "controller.hostPort.enabled=true",
        "controller.service.enabled=false",
        "controller.publishService.enabled=false",
        "controller.ingressClassResource.default=true",
        "controller.watchIngressWithoutClass=true",
        "controller.extraArgs.v=2",
    )
    main = container(objects["DaemonSet", "ingress-nginx-controller"])
    assert {port["name"]: port["hostPort"] for port in main["ports"]} == {"http": 80, "https": 443}
    assert {"--watch-ingress-without-class=true", "--v=2"} <= set(main["args"])
    assert not [argument for argument in main["args"] if argument.startswith("--publish-service")]
    assert ("Service", "ingress-nginx-controller") not in objects
    assert objects["IngressClass", "nginx"]["metadata"]["annotations"] == {"ingressclass.kubernetes.io/is-default-class": "true"}


@pytest.mark.parametrize(
    ("release", "settings", "name"),
    [("edge", (), "edge-ingress-nginx-controller"), ("edge", ("fullnameOverride=front",), "front-controller")],
)
def test_names_of_ingress_nginx(template: Template, release: str, settings: tuple[str, ...], name: str) -> None:
    assert ("Deployment", name) in template(release, "ingress-nginx", *settings)


def test_image_of_ingress_nginx(template: Template) -> None:
    objects = template(
        *INGRESS, "controller.image.repository=a.test/ingress", "controller.image.tag=v1", "controller.image.digest=sha256:0"
    )
    assert container(objects["Deployment", "ingress-nginx-controller"])["image"] == "a.test/ingress:v1@sha256:0"


def test_jenkins_comes_with_its_parts_and_their_rights(template: Template) -> None:
    objects = template(*JENKINS, *NEEDED, "agent.namespace=pods", "rbac.readSecrets=true", "controller.ingress.enabled=true")
    assert {(kind, name, item["metadata"]["namespace"]) for (kind, name), item in objects.items()} == {
        ("StatefulSet", "jenkins", "elsewhere"),
        ("Service", "jenkins", "elsewhere"),
        ("Service", "jenkins-agent", "elsewhere"),
        ("Ingress", "jenkins", "elsewhere"),
        ("PersistentVolumeClaim", "jenkins", "elsewhere"),
        ("ServiceAccount", "jenkins", "elsewhere"),
        ("ConfigMap", "jenkins", "elsewhere"),
        ("ConfigMap", "jenkins-jenkins-jcasc-config", "elsewhere"),
        *((kind, "jenkins-schedule-agents", "pods") for kind in ("Role", "RoleBinding")),
        *((kind, "jenkins-read-secrets", "elsewhere") for kind in ("Role", "RoleBinding")),
        ("Role", "jenkins-casc-reload", "elsewhere"),
        ("RoleBinding", "jenkins-watch-configmaps", "elsewhere"),
    }
    (subject,) = objects["RoleBinding", "jenkins-schedule-agents"]["subjects"]
    assert (subject["name"], subject["namespace"]) == ("jenkins", "elsewhere")


def test_the_configuration_of_jenkins_is_collected_by_label(template: Template) -> None:
    scripts = ("controller.JCasC.configScripts.platform=jenkins: {systemMessage: ${a}}", "controller.JCasC.securityRealm=local: {}")
    pods = ("agent.disableDefaultAgent=true", "agent.podTemplates.build=- {name: build}", "agent.containerCap=3", "agent.websocket=true")
    objects = template(*JENKINS, *NEEDED, *scripts, *pods, "controller.jenkinsUrl=http://ci.test")
    given, default = (objects["ConfigMap", f"jenkins-jenkins-{name}"] for name in ("config-platform", "jcasc-config"))
    assert {item["metadata"]["labels"]["jenkins-jenkins-config"] for item in (given, default)} == {"true"}
    assert given["data"] == {"platform.yaml": "jenkins: {systemMessage: ${a}}"}
    written = yaml.safe_load(default["data"]["jcasc-default-config.yaml"])
    assert written["jenkins"]["securityRealm"] == {"local": {}}
    assert written["jenkins"]["authorizationStrategy"] == {"loggedInUsersCanDoAnything": {"allowAnonymousRead": False}}
    assert written["unclassified"]["location"]["url"] == "http://ci.test"
    (cloud,) = (each["kubernetes"] for each in written["jenkins"]["clouds"])
    assert (cloud["containerCapStr"], cloud["namespace"], cloud["webSocket"]) == ("3", "elsewhere", True)
    assert cloud["jenkinsUrl"] == "http://jenkins.elsewhere.svc.cluster.local:8080"
    assert cloud["templates"] == [{"name": "build"}]


def test_a_setting_in_a_script_is_not_written_twice(template: Template) -> None:
    objects = template(*JENKINS, *NEEDED, "controller.JCasC.configScripts.own=jenkins: {securityRealm: {local: {}}}")
    written = objects["ConfigMap", "jenkins-jenkins-jcasc-config"]["data"]["jcasc-default-config.yaml"]
    assert "securityRealm" not in yaml.safe_load(written)["jenkins"]


def test_the_pod_of_jenkins(template: Template) -> None:
    settings = (
        "controller.existingSecret=more",
        "controller.imagePullSecretName=pull",
        "controller.image.tag=1",
        "controller.javaOpts=-Xmx1g",
    )
    reload = [f"controller.sidecars.configAutoReload.env[0].{key}" for key in ("name=RESOURCE", "value=both")]
    objects = template(*JENKINS, *NEEDED, *settings, *reload)
    pod = objects["StatefulSet", "jenkins"]["spec"]["template"]["spec"]
    main, sidecar = pod["containers"]
    volumes, first, _ = pod["initContainers"]
    environment, told, once = ({each["name"]: each.get("value") for each in item["env"]} for item in (main, sidecar, first))
    assert main["image"] == volumes["image"] == "docker.io/jenkins/jenkins:1"
    assert pod["imagePullSecrets"] == [{"name": "pull"}]
    assert environment["SECRETS"] == "/run/secrets/additional"
    assert environment["JAVA_OPTS"] == "-Dcasc.reload.token=$(POD_NAME) -Xmx1g"
    assert (environment["CASC_RELOAD_TOKEN"], environment["CASC_JENKINS_CONFIG"]) == ("$(POD_NAME)", told["FOLDER"])
    assert main["readinessProbe"]["httpGet"]["path"] == "/login"
    assert (once["METHOD"], told["RESOURCE"], once["RESOURCE"]) == ("LIST", "both", "both")
    assert "METHOD" not in told
    assert str(told["REQ_URL"]).endswith("/reload-configuration-as-code/?casc-reload-token=$(POD_NAME)")
    projected = next(each for each in pod["volumes"] if each["name"] == "jenkins-secrets")["projected"]["sources"]
    assert [source["secret"]["name"] for source in projected] == ["admin", "more"]
    assert next(each for each in pod["volumes"] if each["name"] == "jenkins-home")["persistentVolumeClaim"] == {"claimName": "jenkins"}


def test_jenkins_without_the_sidecar_copies_its_configuration(template: Template) -> None:
    objects = template(*JENKINS, *NEEDED, "controller.sidecars.configAutoReload.enabled=false", "persistence.enabled=false")
    assert "jcasc-default-config.yaml" in objects["ConfigMap", "jenkins"]["data"]
    assert len(objects["StatefulSet", "jenkins"]["spec"]["template"]["spec"]["containers"]) == 1
    assert ("PersistentVolumeClaim", "jenkins") not in objects


@pytest.mark.parametrize(
    ("settings", "reason"),
    [
        (("controller.admin.existingSecret=a",), "controller.installPlugins or controller.additionalPlugins is set"),
        (("controller.installPlugins=false",), "controller.admin.existingSecret is empty"),
        ((*NEEDED, "controller.adminUser=a"), "renamed to `controller.admin.username`"),
    ],
)
def test_what_jenkins_cannot_have_is_refused(
    run: Callable[..., subprocess.CompletedProcess[str]], settings: tuple[str, ...], reason: str
) -> None:
    refused = run(*JENKINS, *settings)
    assert refused.returncode != 0
    assert reason in refused.stderr
