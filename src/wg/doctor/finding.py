"""One thing that the doctor has to say."""

from __future__ import annotations

from wg.config.load import Config
from wg.locations import Project
from wg.profiles.selection import Selection
from wg.records import NamedTuple

OK, UNKNOWN, WARNING, PROBLEM = "ok", "unknown", "warning", "problem"


class Finding(NamedTuple):
    """`level` is ok, unknown, warning or problem; the last two have a remedy."""

    level: str
    subject: str
    message: str
    remedy: str = ""


class Patient(NamedTuple):
    """What is looked at. `selected` and `config` are None where no file is in force; `why_none` says why."""

    project: Project | None
    selected: Selection | None
    config: Config | None
    why_none: str
    remedy: str
