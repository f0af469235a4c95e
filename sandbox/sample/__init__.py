"""The sample application's release, by hand: the release CLI and Jenkins will take its place."""
