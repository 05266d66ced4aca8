"""The soak's random graph: which tasks there are, what they depend on, and how the agents on each of them behave."""

from __future__ import annotations

from random import Random
from typing import NamedTuple

from wg.graph.task import NewTask

LIMIT_SECONDS = 5.0  # the time limit of every task
GOOD = ("ok", "ok", "ok", "commit", "claim", "stray")
BAD = ("crash", "exit", "mute", "boast", "lie", "junk", "secret", "large", "stray", "crash", "exit", "hang", "overrun")
WORST = "hang-on"  # it costs the time limit and two patient signals: only a few do it
HOPELESS = ("exit", "crash", "give-up", "lie")
MODELS = ("codex:gpt-5.5", "claude:opus")
_SHARED_FILES = 6
_RECENT = 25  # tasks that a new one may depend on


class Planned(NamedTuple):
    """One task, and what is to come of it."""

    new: NewTask
    runs: tuple[str, ...]  # what each run does; the last of them also all later ones. () for a shell task
    needs: tuple[str, ...]  # the agent tasks that it depends on: their work is in its worktree
    shared: str  # the name of the file that others change too, or ""
    seconds: float  # that it works before it does anything
    hopeless: bool  # it is to fail; nothing depends on it

    @property
    def id(self) -> str:
        return self.new.id


class Planner:
    """Makes one task after the other; the same seed makes the same."""

    def __init__(self, seed: int, records: str) -> None:
        self._random = Random(seed)
        self._records = records
        self.planned: dict[str, Planned] = {}

    def next(self) -> Planned:
        random = self._random
        task_id = f"t{len(self.planned)}"
        possible = [one for one in self.planned.values() if not one.hopeless][-_RECENT:]
        after = tuple(one.id for one in random.sample(possible, min(len(possible), random.choice((0, 0, 1, 1, 2, 3)))))
        kind = random.random()
        made = self._shell(task_id, after) if kind < 0.15 else self._agents(task_id, after, hopeless=kind > 0.93)
        self.planned[task_id] = made
        return made

    def _shell(self, task_id: str, after: tuple[str, ...]) -> Planned:
        record = f"{self._records}/shell/{task_id}"
        command = f'echo "$WG_ATTEMPT" >> {record}; sleep 0.{self._random.randrange(1, 5)}'
        if self._random.random() < 0.3:  # fails the first time, and leaves something behind
            command += f"; test $(wc -l < {record}) -gt 1 || {{ setsid sleep 1000 & exit 1; }}"
        new = NewTask(f"Shell {task_id}", task_id, after=after, exec=command, timeout=LIMIT_SECONDS)
        return Planned(new, (), (), "", 0.0, False)

    def _agents(self, task_id: str, after: tuple[str, ...], *, hopeless: bool) -> Planned:
        random = self._random
        runs: tuple[str, ...] = (random.choice(GOOD),)
        if hopeless:
            runs = (random.choice(HOPELESS),)
        elif random.random() < 0.5:
            bad = tuple(random.choice(BAD) for _ in range(random.choice((1, 1, 2))))
            runs = (*(bad if random.random() > 0.06 else (WORST,)), *runs)
        shared = f"{random.randrange(_SHARED_FILES)}.txt" if not hopeless and random.random() < 0.3 else ""
        new = NewTask(
            f"Work on {task_id}",
            task_id,
            after=after,
            model=random.choice(MODELS),
            check=f"test -s work/{task_id}.txt" if random.random() < 0.3 else "",
            timeout=LIMIT_SECONDS,
            priority=random.choice((5, 10, 10, 20)),
            max_attempts=2 if hopeless else None,
        )
        needs = tuple(one for one in after if self.planned[one].runs)
        return Planned(new, runs, needs, shared, random.uniform(0.0, 0.5), hopeless)
