"""The platform's own certificate authority, which nodes, builds and clients trust beside the public ones."""

from collections.abc import Mapping
from dataclasses import dataclass

import pulumi

from components.certificates import SERVER, KeyPair, Subject, authority, signed


@dataclass(frozen=True, kw_only=True)
class AuthorityArgs:
    """name: who the authority says it is. generation: another number makes another authority, and with it new certificates.
    hosts: short name to the DNS name of each server that gets a certificate."""

    name: str
    generation: int
    hosts: Mapping[str, str]


class Authority(pulumi.ComponentResource):
    """Outputs: `certificate` (PEM) of the authority, and `servers`: short name to the server's certificate and key."""

    certificate: pulumi.Output[str]
    servers: dict[str, KeyPair]

    def __init__(self, name: str, args: AuthorityArgs, opts: pulumi.ResourceOptions | None = None) -> None:
        super().__init__("slipway:components:Authority", name, {}, opts)
        # The generation is part of the names: a new authority is made before the old one goes, its key is new too.
        own = authority(self, f"{name}-{args.generation}", common_name=f"{args.name} {args.generation}")
        self.certificate = own.certificate
        self.servers = {
            short: signed(self, f"{short}-{args.generation}", own, Subject(common_name=host, uses=[SERVER], dns_names=[host]))
            for short, host in args.hosts.items()
        }
        self.register_outputs({})
