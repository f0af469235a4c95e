"""The images of the sandbox: one folder each with a Dockerfile, built on one Debian base."""
