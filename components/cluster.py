"""A single-node Kubernetes cluster in a Docker container, as kind does it."""

import base64
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import pulumi
import pulumi_docker as docker
import pulumi_kubernetes as kubernetes

API_SERVER_PORT = 6443

# Every capability but SYS_RESOURCE, which some container hosts do not have to give; where it is there, `privileged` is
# the shorter way. https://docs.docker.com/engine/containers/run/#runtime-privilege-and-linux-capabilities
CAPABILITIES = [
    "AUDIT_CONTROL",
    "AUDIT_READ",
    "AUDIT_WRITE",
    "BLOCK_SUSPEND",
    "CHOWN",
    "DAC_OVERRIDE",
    "DAC_READ_SEARCH",
    "FOWNER",
    "FSETID",
    "IPC_LOCK",
    "IPC_OWNER",
    "KILL",
    "LEASE",
    "LINUX_IMMUTABLE",
    "MAC_ADMIN",
    "MAC_OVERRIDE",
    "MKNOD",
    "NET_ADMIN",
    "NET_BIND_SERVICE",
    "NET_BROADCAST",
    "NET_RAW",
    "SETFCAP",
    "SETGID",
    "SETPCAP",
    "SETUID",
    "SYSLOG",
    "SYS_ADMIN",
    "SYS_BOOT",
    "SYS_CHROOT",
    "SYS_MODULE",
    "SYS_NICE",
    "SYS_PACCT",
    "SYS_PTRACE",
    "SYS_RAWIO",
    "SYS_TIME",
    "SYS_TTY_CONFIG",
    "WAKE_ALARM",
]

STACK_LABEL = "slipway.dev/stack"
"""The label of Docker objects with the name of their stack."""


@dataclass(frozen=True, kw_only=True)
class ClusterArgs:
    """The node's container and what a client needs to reach it.

    name: name of the container, prefix of its volumes, and the cluster's identity.
    network, address: Docker network and the node's IPv4 address on it.
    files: path in the container to content, uploaded at creation.
    volumes: short name to path in the container; they keep the cluster's data when the container is replaced.
    ca_certificate, admin_certificate, admin_key: PEM, from which the kubeconfig is computed.
    """

    name: str
    image: pulumi.Input[str]
    network: pulumi.Input[str]
    address: pulumi.Input[str]
    dns: Sequence[pulumi.Input[str]]
    privileged: bool
    files: Mapping[str, pulumi.Input[str]]
    environment: Mapping[str, pulumi.Input[str]]
    volumes: Mapping[str, str]
    command: Sequence[pulumi.Input[str]]
    health_check: Sequence[pulumi.Input[str]]
    seconds_to_ready: int
    labels: Mapping[str, pulumi.Input[str]]
    ca_certificate: pulumi.Input[str]
    admin_certificate: pulumi.Input[str]
    admin_key: pulumi.Input[str]


class Cluster(pulumi.ComponentResource):
    """Outputs: `kubeconfig` (secret, JSON) and `provider`, which waits until the node is ready."""

    kubeconfig: pulumi.Output[str]
    provider: kubernetes.Provider

    def __init__(self, name: str, args: ClusterArgs, opts: pulumi.ResourceOptions | None = None) -> None:
        super().__init__("slipway:components:Cluster", name, {}, opts)
        volumes = {short: self._volume(short, args) for short in args.volumes}
        container = self._container(name, args, volumes)
        self.kubeconfig = _kubeconfig(args)
        self.provider = kubernetes.Provider(
            name,
            kubeconfig=self.kubeconfig,
            enable_server_side_apply=True,
            # A changed Secret is changed, not deleted and made anew: somebody may be reading it.
            enable_secret_mutable=True,
            enable_config_map_mutable=True,
            # Without it a renewed certificate would look like another cluster, and every object would be replaced.
            cluster_identifier=args.name,
            opts=pulumi.ResourceOptions(parent=self, depends_on=[container]),
        )
        self.register_outputs({})

    def _volume(self, short: str, args: ClusterArgs) -> docker.Volume:
        return docker.Volume(
            short,
            name=f"{args.name}-{short}",
            labels=[docker.VolumeLabelArgs(label=label, value=value) for label, value in args.labels.items()],
            opts=pulumi.ResourceOptions(parent=self),
        )

    def _container(self, name: str, args: ClusterArgs, volumes: Mapping[str, docker.Volume]) -> docker.Container:
        # By its id: the provider reads an id back, and a name would look like another image on every run.
        # https://www.pulumi.com/registry/packages/docker/api-docs/container/#image_python
        image = docker.RemoteImage(name, name=args.image, keep_locally=True, opts=pulumi.ResourceOptions(parent=self))
        return docker.Container(
            name,
            name=args.name,
            hostname=args.name,
            image=image.image_id,
            command=list(args.command) or None,
            envs=[pulumi.Output.concat(key, "=", value) for key, value in args.environment.items()],
            uploads=[docker.ContainerUploadArgs(file=path, content=content) for path, content in args.files.items()],
            volumes=[
                docker.ContainerVolumeArgs(volume_name=volumes[short].name, container_path=path) for short, path in args.volumes.items()
            ],
            networks_advanced=[
                docker.ContainerNetworksAdvancedArgs(name=args.network, ipv4_address=args.address),
            ],
            dns=list(args.dns) or None,
            labels=[docker.ContainerLabelArgs(label=label, value=value) for label, value in args.labels.items()],
            restart="unless-stopped",
            healthcheck=docker.ContainerHealthcheckArgs(
                tests=list(args.health_check), interval="2s", timeout="10s", retries=args.seconds_to_ready // 2
            ),
            wait=True,
            wait_timeout=args.seconds_to_ready,
            **_privileges(args.privileged),
            # Name and address are fixed, so the old container must go first.
            opts=pulumi.ResourceOptions(parent=self, delete_before_replace=True),
        )


def _privileges(privileged: bool) -> dict[str, Any]:
    """What a container runtime needs inside a container: its own cgroup tree and mounts, unmasked /proc and /sys."""
    shared: dict[str, Any] = {"cgroupns_mode": "private", "tmpfs": {"/run": "exec", "/tmp": "exec"}}
    if privileged:
        return {"privileged": True, **shared}
    return {
        "capabilities": docker.ContainerCapabilitiesArgs(adds=[f"CAP_{name}" for name in CAPABILITIES]),
        "security_opts": ["seccomp=unconfined", "apparmor=unconfined"],
        "devices": [
            docker.ContainerDeviceArgs(host_path="/dev/kmsg", container_path="/dev/kmsg", permissions="rwm"),
        ],
        "device_cgroup_rules": ["a *:* rwm"],
        **shared,
    }


def _kubeconfig(args: ClusterArgs) -> pulumi.Output[str]:
    """The administrator's kubeconfig. Computed, not fetched: all certificates are known before the node starts."""

    def encoded(text: pulumi.Input[str]) -> pulumi.Output[str]:
        return pulumi.Output.from_input(text).apply(_base64)

    config = {
        "apiVersion": "v1",
        "kind": "Config",
        "current-context": args.name,
        "contexts": [{"name": args.name, "context": {"cluster": args.name, "user": args.name}}],
        "clusters": [
            {
                "name": args.name,
                "cluster": {
                    "server": pulumi.Output.concat("https://", args.address, f":{API_SERVER_PORT}"),
                    "certificate-authority-data": encoded(args.ca_certificate),
                },
            }
        ],
        "users": [
            {
                "name": args.name,
                "user": {
                    "client-certificate-data": encoded(args.admin_certificate),
                    "client-key-data": encoded(args.admin_key),
                },
            }
        ],
    }
    return pulumi.Output.secret(pulumi.Output.json_dumps(config))


def _base64(text: str) -> str:
    return base64.b64encode(text.encode()).decode()
