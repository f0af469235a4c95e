"""The Pulumi program: load the settings, check the world, deploy, export."""

import pulumi

from stacks import platform, preflight, settings

environment = settings.load()
stack = pulumi.get_stack()
preflight.check(environment, stack=stack)
for name, value in platform.deploy(environment, stack=stack).exports().items():
    pulumi.export(name, value)
