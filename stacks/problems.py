"""Errors that a user can act on, listed all at once."""

from collections.abc import Sequence

import pulumi


class Problems(pulumi.RunError):
    """Ends the run before any resource is touched. Pulumi prints the message without a traceback.

    `problems` holds one line for each: the value, what was expected, the next step.
    """

    def __init__(self, headline: str, problems: Sequence[str]) -> None:
        super().__init__("\n".join([headline, *(f"  - {problem}" for problem in problems)]))
        self.problems = tuple(problems)
