"""From (config, role, task) to executor, model and endpoint. No other code does (SPEC-profiles.md, section 7)."""

from __future__ import annotations

from typing import TYPE_CHECKING

from wg.config.route import Endpoint, Route, Step
from wg.config.schema import DISPATCHER_ROLES, KEYS, PROVIDERS, ROLES, TIERS, split_model
from wg.errors import ConfigError, UsageError
from wg.records import NamedTuple

if TYPE_CHECKING:
    from wg.config.load import Config


class TaskRequest(NamedTuple):
    """What a task itself asks for; empty texts where it asks for nothing."""

    model: str = ""
    tier: str = ""
    exec: str = ""


_NOTHING = TaskRequest()


def resolve(config: Config, role: str, request: TaskRequest = _NOTHING) -> Route:
    """The route of `role`, or of a task that `role` works on.

    Raises ConfigError if a tier that is asked for is not in the file, or if nothing names a model; UsageError
    if `role` is not a role.
    """
    if role not in ROLES:
        raise UsageError(f"there is no role {role!r}", f"the roles are: {', '.join(ROLES)}")
    if request.exec:
        steps: tuple[Step, ...] = (Step("--exec", request.exec, 0, True),)
        return Route(role, "shell", "", "", None, config.path, config.digest, steps)
    chain = _chain(config, role, request)
    spec = _decide(config, chain)
    try:
        provider, model = split_model(spec)
    except ValueError as error:
        raise ConfigError(str(error), "mend the task's --model") from None
    endpoint = endpoint_for(config, role, provider) if PROVIDERS[provider] == "nex" else None
    steps = tuple(_mark(chain))
    return Route(role, PROVIDERS[provider], provider, model, endpoint, config.path, config.digest, steps)


def _chain(config: Config, role: str, request: TaskRequest) -> list[Step]:
    """Every place that is asked, from first to last; the first that has a value decides."""
    chain = [Step("--model", request.model, 0, False)]
    chain += _tier_steps(config, "--tier", request.tier)
    chain.append(_step(config, f"models.{role}.model"))
    tier_key = f"models.{role}.tier"
    chain += _tier_steps(config, tier_key, config.text_of(tier_key))
    if role in DISPATCHER_ROLES:
        chain.append(_step(config, "dispatcher.model"))
    if role != "default":
        chain.append(_step(config, "models.default.model"))
    chain.append(_step(config, "agent.model"))
    return chain


def _step(config: Config, key: str) -> Step:
    return Step(key, config.text_of(key), config.line(key), False)


def _tier_steps(config: Config, asked_by: str, tier: str) -> list[Step]:
    """Who asks for a tier, and what [tiers] says to that."""
    if not tier:
        return [Step(asked_by, "", 0, False)]
    key = f"tiers.{tier}"
    value = config.text_of(key) if key in KEYS else ""
    if not value:
        raise ConfigError(
            f"{config.path}: {asked_by} asks for the tier {tier!r}, and there is no [tiers].{tier}",
            f"the tiers are {', '.join(TIERS)}; write one with: wg config set tiers.{tier} PROVIDER:MODEL",
        )
    line = config.line(asked_by)
    return [Step(key, value, config.line(key), False, f"{asked_by}, line {line}" if line else asked_by)]


def _decide(config: Config, chain: list[Step]) -> str:
    for step in chain:
        if step.value:
            return step.value
    raise ConfigError(f"{config.path}: [agent].model is missing", "write one with: wg config -m PROVIDER:MODEL")


def _mark(chain: list[Step]) -> list[Step]:
    """The chain with the first step that has a value marked as the one that decides."""
    winner = next(index for index, step in enumerate(chain) if step.value)
    return [step._replace(decides=index == winner) for index, step in enumerate(chain)]


def endpoint_for(config: Config, role: str, provider: str) -> Endpoint | None:
    """The endpoint that the role names, else the default one among those that serve `provider`, else the first."""
    named = config.text_of(f"models.{role}.endpoint")
    usable = [block for block in config.endpoints() if "name" in block and "url" in block]
    blocks = [block for block in usable if block.get("provider", "nex") == provider]
    if named:
        blocks = [block for block in usable if block["name"] == named]
    blocks.sort(key=lambda block: not block.get("is_default", False))
    if not blocks:
        return None
    first = blocks[0]
    return Endpoint(first["name"], first["url"], first.get("api_key_env", ""), first.get("api_key_file", ""))


def hidden_keys(config: Config) -> dict[str, str]:
    """Each role or fallback key that no role comes to, with the key that wins over it.

    [tiers] are not in it: a task may ask for any of them.
    """
    deciding = {role: next(step.key for step in resolve(config, role).chain if step.decides) for role in ROLES}
    hidden = {}
    for role in ROLES:
        for key in (f"models.{role}.model", f"models.{role}.tier"):
            if config.raw(key) is not None and not _reaches(config, key, deciding[role]):
                hidden[key] = deciding[role]
    for key in ("dispatcher.model", "agent.model"):
        if config.raw(key) is not None and key not in deciding.values():
            role = DISPATCHER_ROLES[0] if key == "dispatcher.model" else "task_agent"
            hidden[key] = deciding[role]
    return hidden


def _reaches(config: Config, key: str, winner: str) -> bool:
    return key == winner or (key.endswith(".tier") and winner == f"tiers.{config.text_of(key)}")


def model_at(config: Config, key: str) -> str:
    """The model that `key` would give: its value, or that of the tier it names."""
    value = config.text_of(key)
    return config.text_of(f"tiers.{value}") if key.endswith(".tier") else value
