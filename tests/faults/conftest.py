"""Fixtures for tests of the fault matrix."""

from __future__ import annotations

import pytest

from tests.e2e.conftest import links
from tests.e2e.service_box import ServiceBox
from tests.harness import Box

__all__ = ["links", "project", "service"]


@pytest.fixture
def service(box: Box) -> ServiceBox:
    """A git project on codex, with a scripted codex and claude."""
    box.env["USER"] = "ann"
    made = ServiceBox(box)
    made.agent("codex")
    made.agent("claude")
    return made


@pytest.fixture
def project(box: Box) -> Box:
    """A box whose project directory is a project."""
    box.wg("init")
    return box
