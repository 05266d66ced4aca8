"""The soak's tasks for the real codex and claude, whose model is the rehearsal: trouble of the provider is mixed in."""

from __future__ import annotations

from random import Random

from tests.soak.plan import Planned
from wg.graph.task import NewTask

MODELS = ("codex:gpt-5.5", "claude:opus")
_TROUBLES = ("once 429", "once 500", "once 401", "once cut", "slow 2")


class RealPlanner:
    """Makes tasks for both programs in turn; every other pair meets with trouble of some kind."""

    def __init__(self, seed: int, records: str) -> None:
        self._random = Random(seed)
        self._records = records
        self.planned: dict[str, Planned] = {}

    def next(self) -> Planned:
        number = len(self.planned)
        task_id = f"r{number}"
        earlier = list(self.planned)
        needs = tuple(self._random.sample(earlier, min(len(earlier), self._random.choice((0, 0, 1)))))
        lines = [f"run {self._work(task_id, needs)}", 'run "$WG_BIN" done']
        pair = number // 2
        trouble = _TROUBLES[pair % len(_TROUBLES)]
        # the first of each pair is codex's, so each trouble is met with by both; a status once, a slow stream each time
        lines.append(trouble if trouble.startswith("slow") else f"{trouble} {self._records}/{task_id}.trouble")
        new = NewTask(
            f"Work on {task_id}",
            task_id,
            description="".join(f"REHEARSE: {line}\n" for line in lines),
            after=needs,
            model=MODELS[number % 2],
        )
        self.planned[task_id] = made = Planned(new, ("real",), needs, "", 0.0, False)
        return made

    def _work(self, task_id: str, needs: tuple[str, ...]) -> str:
        """What scripted agents do (`agent.work`), as a command."""
        records = self._records
        looks = [
            f'test -s work/{one}.txt || echo "{task_id}: no work of {one}" >> {records}/violations' for one in needs
        ]
        own = f"work/{task_id}.d"
        works = [
            f"mkdir -p {own}",
            f"echo $WG_ATTEMPT >> work/{task_id}.txt",
            f"echo $WG_ATTEMPT >> {records}/wrote/{task_id}",
            f"echo x > {own}/$WG_ATTEMPT",
        ]
        return "; ".join((*looks, " && ".join(works)))
