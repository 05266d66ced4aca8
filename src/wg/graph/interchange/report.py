"""What an import did: how each status and field was mapped, and whatever is not as it was."""

from __future__ import annotations

from wg.records import NamedTuple

OURS, ORIGINAL = "wg", "original"  # the forms of a file
# kinds of notes, in the order in which they are told
RENAMED = "renamed"
PAUSED = "paused"
DEPENDENCY = "dependency left out"
LOOP = "loop"
CYCLE = "cycle opened"
KEPT = "kept in extra"
CHANGED = "changed"
SYSTEM = "system task left out"
TWICE = "id stands there twice"
NO_TASK = "line that is no task"
KINDS = (RENAMED, PAUSED, DEPENDENCY, LOOP, CYCLE, KEPT, CHANGED, SYSTEM, TWICE, NO_TASK)


class Note(NamedTuple):
    """One thing that is not as it was."""

    kind: str  # one of KINDS
    line: int
    task: str  # the id as it stands in the file
    text: str


class Mapped(NamedTuple):
    """Tasks with one status in the file, and what that became."""

    before: str
    after: str
    paused: bool
    tasks: int


class FieldUse(NamedTuple):
    """In how many tasks a field was expressed as one of ours, and in how many it is kept in `extra`."""

    field: str
    mapped: int
    kept: int


class Report:
    """Filled while a file is read."""

    def __init__(self, form: str) -> None:
        self.form = form  # OURS | ORIGINAL
        self.tasks = 0
        self.skipped: list[str] = []  # ids that were there before
        self.notes: list[Note] = []
        self._statuses: dict[tuple[str, str, bool], int] = {}
        self._fields: dict[str, list[int]] = {}

    def note(self, kind: str, line: int, task: str, text: str) -> None:
        """Something is not as it was."""
        self.notes.append(Note(kind, line, task, text))

    def status(self, before: str, after: str, *, paused: bool) -> None:
        """A task was imported with this status."""
        key = (before, after, paused)
        self._statuses[key] = self._statuses.get(key, 0) + 1

    def field(self, name: str, *, kept: bool) -> None:
        """A task had this field."""
        self._fields.setdefault(name, [0, 0])[kept] += 1

    def statuses(self) -> list[Mapped]:
        """How statuses were mapped."""
        return [Mapped(*key, number) for key, number in sorted(self._statuses.items())]

    def fields(self) -> list[FieldUse]:
        """What became of each field."""
        return [FieldUse(name, *numbers) for name, numbers in sorted(self._fields.items())]

    def of_kind(self, kind: str) -> list[Note]:
        """The notes of one kind, in order of their lines."""
        return sorted(note for note in self.notes if note.kind == kind)

    def as_object(self) -> dict[str, object]:
        """All of it, for `--json`."""
        return {
            "form": self.form,
            "tasks": self.tasks,
            "skipped": self.skipped,
            "statuses": [each._asdict() for each in self.statuses()],
            "fields": [each._asdict() for each in self.fields()],
            "notes": [note._asdict() for kind in KINDS for note in self.of_kind(kind)],
        }
