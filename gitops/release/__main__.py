"""`python -m gitops.release release ...`: the `slipway` command of a machine that has the release tools alone."""

import click

from gitops.release.cli import release

if __name__ == "__main__":
    click.Group("slipway", commands=[release], help="A GitOps delivery platform on Kubernetes: its release tools.")(prog_name="slipway")
