"""How a run of nex is set up: from the config, or from the options of its command line, which say the same."""

from __future__ import annotations

from wg.config.endpoints import key_variables
from wg.config.load import Config
from wg.nex.form import Schema
from wg.nex.tools.base import FULL
from wg.records import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    import argparse

_CENTS = 100.0


class Settings(NamedTuple):
    """0 is no limit, where there can be none."""

    mode: str = FULL  # one of tools.base.MODES
    deny: tuple[str, ...] = ()  # tools that the model does not get
    max_turns: int = 200
    max_tokens: int = 0
    max_cost_cents: int = 0  # US cents
    window: int = 32768  # tokens that the model's context holds
    retries: int = 3
    silence: float = 600.0  # seconds that the endpoint may say nothing
    tool_timeout: float = 120.0  # seconds of a command
    writable: tuple[str, ...] = ()  # directories outside the working directory
    hidden: tuple[str, ...] = ()  # variables with keys of endpoints, whichever is asked: no tool gets them
    schema: Schema | None = None  # of the answer to a question, for which the model gets no tools

    @property
    def max_cost(self) -> float:
        """US dollars."""
        return self.max_cost_cents / _CENTS


_DEFAULTS = Settings()
# options that have the names of settings, and take the place of what the config says
_REPLACING = ("max_turns", "max_tokens", "max_cost_cents", "window", "retries", "silence", "tool_timeout")


def of_config(config: Config) -> Settings:
    """What [executors.nex] says."""
    return Settings(
        mode=config.text_of("executors.nex.exec_mode"),
        deny=config.texts("executors.nex.deny_tools"),
        max_turns=config.number("executors.nex.max_turns"),
        max_tokens=config.number("executors.nex.max_tokens"),
        max_cost_cents=config.number("executors.nex.max_cost_cents"),
        window=config.number("executors.nex.context_window"),
        retries=config.number("executors.nex.max_retries"),
        silence=config.seconds("executors.nex.silence_timeout"),
        tool_timeout=config.seconds("executors.nex.tool_timeout"),
        writable=config.texts("executors.nex.writable_paths"),
        hidden=key_variables(config),
    )


def as_options(settings: Settings) -> tuple[str, ...]:
    """The options of `wg nex --agent` that mean `settings`, but for the mode, which the task decides too."""
    options = [
        f"--max-turns={settings.max_turns}",
        f"--max-tokens={settings.max_tokens}",
        f"--max-cost-cents={settings.max_cost_cents}",
        f"--window={settings.window}",
        f"--retries={settings.retries}",
        f"--silence={settings.silence:g}s",
        f"--tool-timeout={settings.tool_timeout:g}s",
    ]
    options += [f"--deny={name}" for name in settings.deny]
    options += [f"--writable={path}" for path in settings.writable]
    options += [f"--hide={name}" for name in settings.hidden]
    return tuple(options)


def of_options(arguments: argparse.Namespace, base: Settings = _DEFAULTS) -> Settings:
    """`base` with what the options of `wg nex` say: other limits, and more tools, directories and variables."""
    given = {name: value for name in _REPLACING if (value := getattr(arguments, name)) is not None}
    return base._replace(
        mode=arguments.exec_mode or base.mode,
        deny=(*base.deny, *arguments.deny),
        writable=(*base.writable, *arguments.writable),
        hidden=(*base.hidden, *arguments.hide),
        **given,
    )
