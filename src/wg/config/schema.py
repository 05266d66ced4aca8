"""The one declaration of every config key: type, default, unit and comment.

Validation, the starters' comments and docs/config.md all come from this table. A key that nothing reads does not
exist; sections whose readers are still to come arrive with them.
"""

from __future__ import annotations

from wg.records import NamedTuple

Value = str | int | bool | list[str]

# provider -> the executor that runs its models
PROVIDERS: dict[str, str] = {
    "claude": "claude",
    "codex": "codex",
    "nex": "nex",
    "openrouter": "nex",
    "openai": "nex",
    "gemini": "nex",
    "ollama": "nex",
    "llamacpp": "nex",
    "vllm": "nex",
}
# role -> what it does
ROLES: dict[str, str] = {
    "default": "whatever has no section of its own",
    "task_agent": "the agents that work on tasks",
    "evaluator": "judges finished work",
    "flip_inference": "guesses the task from the finished work",
    "flip_comparison": "compares that guess with the real task",
    "assigner": "chooses who does a task",
    "triage": "looks into attempts that died",
}
DISPATCHER_ROLES = ("triage", "assigner")  # the dispatcher's own: these fall back to [dispatcher].model
NEX_TOOLS = (
    *("read_file", "write_file", "edit_file", "glob", "grep", "bash"),
    *("wg_log", "wg_add", "wg_message", "wg_done", "wg_fail"),
)
TIERS = ("fast", "standard", "premium")
ENDPOINTS = "llm_endpoints.endpoints"


class Key(NamedTuple):
    """One key. `kind` is string, model, tier, integer, boolean, duration, strings or choice."""

    name: str
    kind: str
    default: Value | None  # None: there is no default, the key may be absent
    comment: str
    unit: str = ""
    choices: tuple[str, ...] = ()
    minimum: int = 0

    @property
    def routing(self) -> bool:
        """Whether the key decides which agent or model runs."""
        return self.kind in ("model", "tier") or self.name.endswith(".endpoint")


SECTIONS: dict[str, str] = {
    "": "",
    "agent": "What everything falls back to.",
    "dispatcher": "The process that starts agents on ready tasks.",
    **{f"models.{role}": f"This role: {text}." for role, text in ROLES.items()},
    "tiers": "What a task's --tier, or a role's tier, stands for.",
    "executors.claude": "How this command line program is run.",
    "executors.codex": "How this command line program is run.",
    "executors.nex": "How the in-process agent is run.",
    "executors.shell": "How a task's own command is run.",
    "log": "The dispatcher's own log.",
    ENDPOINTS: "Where models of the in-process executor are served; one block for each endpoint.",
}


def _role_keys() -> list[Key]:
    keys = []
    for role in ROLES:
        section = f"models.{role}"
        keys += [
            Key(f"{section}.model", "model", None, "Used by this role."),
            Key(
                f"{section}.tier",
                "tier",
                None,
                "Used by this role where it names nothing itself: a name of [tiers].",
            ),
            Key(f"{section}.endpoint", "string", None, "The endpoint of this role, by name."),
        ]
    return keys


_KEYS = [
    Key("description", "string", None, "What wg profile list says of this file."),
    Key("agent.model", "model", None, "Required. What runs where nothing more specific says otherwise, as provider:name."),
    Key("dispatcher.model", "model", None, "For the roles of the dispatcher itself: triage and assigner."),
    Key("dispatcher.max_agents", "integer", 8, "How many agents run at the same time.", minimum=1),
    Key("dispatcher.poll_interval", "integer", 5, "How often everything is looked at even if nothing seems to have changed.", "seconds", minimum=1),
    Key("dispatcher.agent_timeout", "duration", "30m", "How long one attempt may take, unless its task says otherwise.", "s, m, h or d"),
    Key("dispatcher.default_context_scope", "choice", "task", "How much an agent is told, unless its task says so; each tells more.", choices=("clean", "task", "graph", "full")),
    Key("dispatcher.max_attempts", "integer", 3, "How many attempts at a task may fail before it has failed, unless the task says otherwise.", minimum=1),
    Key("dispatcher.max_attempts_per_hour", "integer", 10, "How many attempts at a task are made within an hour, whatever ended them.", minimum=1),
    Key("dispatcher.retry_delay", "duration", "10s", "How long a task rests after a failed attempt; twice as long after each further one.", "s, m, h or d"),
    Key("dispatcher.route_pause_first", "duration", "1m", "How long a route is paused when its provider refuses and does not say for how long; twice as long each further time.", "s, m, h or d"),
    Key("dispatcher.route_pause_longest", "duration", "1h", "What such a pause grows to at most.", "s, m, h or d"),
    Key("dispatcher.silence_timeout", "duration", None, "How long an agent may print nothing until it is ended; absent, its silence is only shown.", "s, m, h or d"),
    Key("dispatcher.worktree_setup_timeout", "duration", "10m", "How long .wg/worktree-setup may take in a new worktree.", "s, m, h or d"),
    Key("dispatcher.conflict_rounds", "integer", 2, "How often work that does not fit together with the base branch goes back to an agent before a person is asked."),
    *_role_keys(),
    Key("tiers.fast", "model", None, "The cheap and quick one."),
    Key("tiers.standard", "model", None, "The one for ordinary work."),
    Key("tiers.premium", "model", None, "The one for hard work."),
    Key("executors.claude.program", "string", "claude", "The program: a name on PATH, or a path."),
    Key("executors.claude.permission_mode", "choice", "bypassPermissions", "What it may do without asking.", choices=("acceptEdits", "bypassPermissions", "default", "dontAsk", "plan")),
    Key("executors.claude.assume_sandbox", "boolean", False, "Set IS_SANDBOX=1, which bypassPermissions needs when run as root."),
    Key("executors.claude.max_retries", "integer", 2, "How often it repeats a failing request by itself."),
    Key("executors.claude.extra_args", "strings", [], "More arguments, put before the prompt."),
    Key("executors.claude.max_agents", "integer", None, "How many of these run at the same time; absent, only dispatcher.max_agents limits them.", minimum=1),
    Key("executors.codex.program", "string", "codex", "The program: a name on PATH, or a path."),
    Key("executors.codex.sandbox", "choice", "workspace-write", "What its sandbox lets it touch.", choices=("read-only", "workspace-write", "danger-full-access")),
    Key("executors.codex.network_access", "boolean", False, "Whether commands inside the sandbox reach the network."),
    Key("executors.codex.extra_args", "strings", [], "More arguments, put before the prompt."),
    Key("executors.codex.max_agents", "integer", None, "How many of these run at the same time; absent, only dispatcher.max_agents limits them.", minimum=1),
    Key("executors.nex.exec_mode", "choice", "full", "What its tools may do: everything, only read, or only use the work graph. Read-only tasks get light.", choices=("full", "light", "bare")),
    Key("executors.nex.deny_tools", "strings", [], "Tools that it does not get.", choices=NEX_TOOLS),
    Key("executors.nex.writable_paths", "strings", [], "Directories outside the working directory that its file tools may also read and write."),
    Key("executors.nex.max_turns", "integer", 200, "How many answers one attempt may take.", minimum=1),
    Key("executors.nex.max_tokens", "integer", 0, "How many tokens one attempt may use in all, in and out; 0 for no limit.", "tokens"),
    Key("executors.nex.max_cost_cents", "integer", 0, "What one attempt may cost, as far as the endpoint says what it costs; 0 for no limit.", "US cents"),
    Key("executors.nex.context_window", "integer", 32768, "How long a conversation may get; what is old is trimmed and summarised before that.", "tokens", minimum=2048),
    Key("executors.nex.max_retries", "integer", 3, "How often it repeats a failing request by itself."),
    Key("executors.nex.silence_timeout", "duration", "10m", "How long an endpoint may say nothing; one that reads a long prompt on a slow machine needs some time.", "s, m, h or d"),
    Key("executors.nex.tool_timeout", "duration", "2m", "How long one of its commands may take, unless it asks for more.", "s, m, h or d"),
    Key("executors.nex.max_agents", "integer", None, "How many of these run at the same time; absent, only dispatcher.max_agents limits them.", minimum=1),
    Key("executors.shell.max_agents", "integer", None, "How many of these run at the same time; absent, only dispatcher.max_agents limits them.", minimum=1),
    Key("log.rotation_threshold", "integer", 10485760, "At which size the log starts anew; one old log is kept.", "bytes", minimum=4096),
]  # fmt: skip

ENDPOINT_KEYS: dict[str, Key] = {
    key.name: key
    for key in (
        Key("name", "string", None, "What a role's endpoint key calls it."),
        Key("provider", "choice", "nex", "Whose models are served here.", choices=tuple(p for p, e in PROVIDERS.items() if e == "nex")),
        Key("url", "string", None, "The base address, up to and including /v1."),
        Key("api_key_env", "string", "", "The environment variable that holds the key; none if empty."),
        Key("api_key_file", "string", "", "The file that holds the key; none if empty."),
        Key("is_default", "boolean", False, "Taken where a role names no endpoint."),
    )
}  # fmt: skip

KEYS: dict[str, Key] = {key.name: key for key in _KEYS}


def section_of(key: str) -> str:
    """The section a key stands in: `models.default` of `models.default.model`."""
    return key.rpartition(".")[0]


def split_model(spec: str) -> tuple[str, str]:
    """(provider, name) of `provider:name`. Raises ValueError saying what is wrong with it."""
    provider, colon, name = spec.partition(":")
    if not colon or not provider or not name or not name.isprintable() or any(c.isspace() for c in name):
        raise ValueError(f"{spec!r} is not provider:model, as in claude:opus or codex:gpt-5.5")
    if provider not in PROVIDERS:
        from wg.text import closest

        near = closest(provider, list(PROVIDERS))
        meant = f"did you mean {near}:{name}? " if near else ""
        raise ValueError(f"unknown provider {provider!r} in {spec!r}; {meant}known: {', '.join(PROVIDERS)}")
    return provider, name
