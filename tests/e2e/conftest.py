"""Fixtures for tests of profiles and config."""

from __future__ import annotations

import pytest

from tests.e2e.profile_box import COPY, FORCED_COPY, SYMLINK, ProfileBox
from tests.harness import Box


@pytest.fixture(params=[SYMLINK, COPY])
def profiles(request: pytest.FixtureRequest, box: Box) -> ProfileBox:
    """Twice: where links can be made, and where the kernel refuses them."""
    return ProfileBox(box, request.param)


@pytest.fixture(params=[COPY, FORCED_COPY])
def copies(request: pytest.FixtureRequest, box: Box) -> ProfileBox:
    """Copy mode, found by trying, and asked for by WG_PROFILE_MODE."""
    return ProfileBox(box, request.param)


@pytest.fixture
def links(box: Box) -> ProfileBox:
    """Symlink mode, for what concerns links alone."""
    return ProfileBox(box)
