"""WHAT an environment is: its settings, the checks before it is built, and its composition."""
