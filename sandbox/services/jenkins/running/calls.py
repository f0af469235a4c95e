"""The steps of a build as the engine calls them: implements `Steps` of model.py."""

from collections.abc import Mapping
from typing import Any
from uuid import uuid4

from sandbox.services.jenkins.model import StepError
from sandbox.services.jenkins.running import steps
from sandbox.services.jenkins.running.session import Scene, Session
from sandbox.services.jenkins.running.steps.registry import STEPS

__all__ = ["BuildSteps", "steps"]


class BuildSteps:
    """The steps of one build. Safe for several threads."""

    def __init__(self, session: Session) -> None:
        self._session = session

    def call(self, step: str, arguments: Mapping[str, Any], context: Mapping[str, Any]) -> Any:
        """Do a step and return its JSON value. Raises StepError, with a message without secrets.

        Beside the steps of model.py there is `interrupt` {calls}: it ends the running steps whose `context` had these as `id`.
        """
        id, hide = str(context.get("id") or uuid4().hex), self._session.log.masks.hide
        try:
            if step not in STEPS:
                raise StepError(f"No such DSL method '{step}' found among steps [{', '.join(sorted(STEPS))}]")
            return STEPS[step](Scene(self._session, context, self._session.stopped(id)), arguments)
        except StepError as error:
            raise StepError(hide(str(error)), error.result) from None
        except Exception as error:  # whatever it is, it ends the step, and not the engine's thread
            raise StepError(hide(f"{step}: {type(error).__name__}: {error}")) from None
        finally:
            self._session.calls.pop(id, None)
