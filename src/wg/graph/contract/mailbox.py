"""What the dispatcher and the commands say to each other, as every store has them."""

from __future__ import annotations

from typing import Protocol

from wg.graph.attempt import Pause


class Mailbox(Protocol):
    """See `protocol` for what holds for all methods."""

    def request(self, kind: str, now: float) -> None:
        """Ask the dispatcher for something (decision 6)."""

    def take_requests(self) -> list[str]:
        """The kinds of all requests, oldest first; they are gone afterwards."""

    def set_dispatcher(self, text: str) -> None:
        """What the running dispatcher says of itself (JSON), "" when it stops."""

    def dispatcher(self) -> str:
        """What the dispatcher last said of itself, or ""."""

    def pause_service(self, now: float, actor: str) -> bool:
        """Start nothing new, over restarts too. False, and nothing changes, if that is so already."""

    def resume_service(self, now: float, actor: str) -> bool:
        """Start ready tasks again. False, and nothing changes, if there was no pause."""

    def service_pause(self) -> Pause | None:
        """Who has paused the dispatcher, and since when; None if nobody has."""
