"""A webhook of a GitLab project that starts a build."""

from dataclasses import dataclass

import pulumi

from components.gitlab_parts import hook


@dataclass(frozen=True, kw_only=True)
class WebhookArgs:
    """project_id: of the GitLab project. url: of the receiver. token: by which the receiver knows that it is GitLab (secret)."""

    project_id: pulumi.Input[str]
    url: pulumi.Input[str]
    token: pulumi.Input[str]


class Webhook(pulumi.ComponentResource):
    """No outputs: from here on GitLab calls."""

    def __init__(self, name: str, args: WebhookArgs, opts: pulumi.ResourceOptions | None = None) -> None:
        super().__init__("slipway:components:Webhook", name, {}, opts)
        hook(f"{name}-jenkins", project=args.project_id, url=args.url, token=args.token, opts=pulumi.ResourceOptions(parent=self))
        self.register_outputs({})
