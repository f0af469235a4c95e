"""The Pulumi program: load the settings, check the world, deploy, export."""

import pulumi

from stacks import platform, preflight, settings

environment = settings.load()
preflight.check(environment)
for name, value in platform.deploy(environment, stack=pulumi.get_stack()).exports().items():
    pulumi.export(name, value)
