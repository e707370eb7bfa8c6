"""A session for each check of ``tools/run.py``, by the same name: ``nox -s lint types``.

The commands and the environments are those of ``tools/run.py``; what follows ``--`` goes
to pytest.
"""

from __future__ import annotations

import sys
from pathlib import Path

import nox

TOOLS = Path(__file__).parent / "tools"
sys.path.insert(0, str(TOOLS))

from run import CHECKS, EVERY  # noqa: E402  (it is found there)

nox.needs_version = ">=2024.3.2"


def add(check: str) -> None:
    """Add the session of a check."""

    @nox.session(name=check, venv_backend="none")
    def session(session: nox.Session) -> None:
        passed_on = ("--", *session.posargs) if session.posargs else ()
        command = (sys.executable, str(TOOLS / "run.py"), "test", check)
        session.run(*command, *passed_on, external=True)


for name in EVERY:
    add(name)
nox.options.sessions = list(CHECKS)
