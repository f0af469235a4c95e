"""Day two: the `slipway` command."""
