"""From (config, role, task) to executor, model and endpoint. No other code does (SPEC-profiles.md, section 7)."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

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
    executor: str = ""  # only this kind of agent: it narrows the chain, and adds nothing to it


_NOTHING = TaskRequest()


def resolve(config: Config, role: str, request: TaskRequest = _NOTHING) -> Route:
    """The route of `role`, or of a task that `role` works on.

    Raises ConfigError if a tier that is asked for is not in the file, or if nothing names a model (with
    `request.executor`: one that it runs); UsageError if `role` is not a role.
    """
    if role not in ROLES:
        raise UsageError(f"there is no role {role!r}", f"the roles are: {', '.join(ROLES)}")
    if request.exec:
        steps: tuple[Step, ...] = (Step("--exec", request.exec, 0, True),)
        return Route(role, "shell", "", "", None, config.path, config.digest, steps)
    chain = _chain(config, role, request)
    if request.executor:
        chain = [_narrowed(step, request.executor) for step in chain]
    spec = _decide(config, chain, request.executor)
    provider, model = _split(spec)
    endpoint = endpoint_for(config, role, provider) if PROVIDERS[provider] == "nex" else None
    steps = tuple(_mark(chain))
    return Route(role, PROVIDERS[provider], provider, model, endpoint, config.path, config.digest, steps)


def _chain(config: Config, role: str, request: TaskRequest) -> list[Step]:
    """Every place that is asked, from first to last; the first whose value counts decides."""
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


def _narrowed(step: Step, executor: str) -> Step:
    """The step, passed over if another executor than the task asks for runs its model."""
    if not step.value:
        return step
    runs_on = PROVIDERS[_split(step.value)[0]]
    if runs_on == executor:
        return step
    reason = f"runs on {runs_on}, and --executor asks for {executor}"
    if step.key == "--model":  # the task contradicts itself
        raise ConfigError(f"--model {step.value} {reason}", "give the task one of the two")
    return step._replace(passed_over=reason)


def _split(spec: str) -> tuple[str, str]:
    """Provider and model; those of the file have been checked."""
    try:
        return split_model(spec)
    except ValueError as error:
        raise ConfigError(str(error), "give another --model") from None


def _counts(step: Step) -> bool:
    return bool(step.value) and not step.passed_over


def _decide(config: Config, chain: list[Step], executor: str) -> str:
    for step in chain:
        if _counts(step):
            return step.value
    if passed := [step.value for step in chain if step.value]:
        raise ConfigError(
            f"{config.path} names no model for the executor {executor}, which the task asks for: "
            f"it comes to {', '.join(dict.fromkeys(passed))}",
            "give the task a --model, or use a profile that names one: wg profile list",
        )
    raise ConfigError(f"{config.path}: [agent].model is missing", "write one with: wg config -m PROVIDER:MODEL")


def _mark(chain: list[Step]) -> list[Step]:
    """The chain with the first step whose value counts marked as the one that decides."""
    winner = next(index for index, step in enumerate(chain) if _counts(step))
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
    return endpoint_of(blocks[0])


def endpoint_of(block: dict[str, Any]) -> Endpoint:
    """A block of [[llm_endpoints.endpoints]] that has a name and an address."""
    return Endpoint(block["name"], block["url"], block.get("api_key_env", ""), block.get("api_key_file", ""))


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
