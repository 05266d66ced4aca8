"""The whole examination, check by check."""

from __future__ import annotations

from collections.abc import Callable, Iterator

from wg.config.load import load
from wg.doctor import files, programs
from wg.doctor.finding import PROBLEM, Finding, Patient
from wg.errors import WgError
from wg.locations import Project
from wg.profiles.selection import select

Check = Callable[[Patient], Iterator[Finding]]

CHECKS: tuple[Check, ...] = (
    files.config,
    files.home,
    programs.agents,
    programs.root,
    programs.sandbox,
    programs.endpoints,
    programs.own,
    programs.dispatcher,
    files.git_version,
    files.places,
)


def examine(project: Project | None, profile: str) -> list[Finding]:
    """Every finding, in the order of CHECKS. A check that fails is a finding, and keeps no other from running."""
    patient = _patient(project, profile)
    findings = []
    for check in CHECKS:
        try:
            findings += list(check(patient))
        except (WgError, OSError) as error:
            findings.append(Finding(PROBLEM, check.__name__, str(error), getattr(error, "hint", "")))
    return findings


def _patient(project: Project | None, profile: str) -> Patient:
    try:
        selected = select(project, profile)
        return Patient(project, selected, load(selected.path), "", "")
    except WgError as error:
        return Patient(project, None, None, error.message, error.hint)
    except OSError as error:
        return Patient(project, None, None, f"{error.filename}: {error.strerror}", "make it readable")
