"""From (config, role, task) to executor, model and endpoint: the one resolver (SPEC-profiles.md, section 7)."""

from __future__ import annotations

from wg.records import NamedTuple


class Step(NamedTuple):
    """One link of the resolver's chain: a key, where it stands, and whether it decided."""

    key: str  # "models.task_agent.model", "--model", …
    value: str  # "" when absent
    line: int  # in the config file; 0 when absent or not from the file
    decides: bool
    asked_by: str = ""  # of a tier: who names it, "--tier" or "models.evaluator.tier, line 36"
    passed_over: str = ""  # why its value does not count: "runs on claude, and --executor asks for codex"


class Endpoint(NamedTuple):
    """An endpoint for the in-process executor."""

    name: str
    url: str
    api_key_env: str
    api_key_file: str


class Route(NamedTuple):
    """Which agent and model runs, and where that came from. The only such value in the program."""

    role: str
    executor: str  # claude | codex | nex | shell
    provider: str  # "" for shell
    model: str  # the model's own name, without the provider; "" for shell
    endpoint: Endpoint | None
    config_path: str  # the file that was read, links resolved
    config_digest: str  # sha256 of its bytes, hexadecimal
    chain: tuple[Step, ...]  # from first asked to last; exactly one decides: the first whose value counts

    @property
    def spec(self) -> str:
        """`provider:model`, or "" for shell."""
        return f"{self.provider}:{self.model}" if self.provider else ""

    @property
    def source(self) -> str:
        """Where the answer came from: `PATH:LINE [models.task_agent].model`, or `task --model`."""
        step = next(step for step in self.chain if step.decides)
        if not step.line:
            return f"task {step.key}"
        section, _, key = step.key.rpartition(".")
        return f"{self.config_path}:{step.line} [{section}].{key}"

    def as_object(self) -> dict[str, object]:
        """The route as `--json` prints it."""
        return {
            "role": self.role,
            "executor": self.executor,
            "model": self.spec,
            "endpoint": self.endpoint.url if self.endpoint else None,
            "source": self.source,
            "config": self.config_path,
            "digest": self.config_digest,
        }
