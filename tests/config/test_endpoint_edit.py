"""Endpoints put into, taken out of and chosen in a config's text: all else stays as it is, to the byte."""

from __future__ import annotations

import tomllib
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from wg.config import endpoint_edit
from wg.config.addresses import check_url, has_secret, is_loopback, is_open, shown
from wg.config.endpoints import find, listed
from wg.config.load import Config
from wg.config.resolver import endpoint_for, resolve
from wg.config.schema import ROLES
from wg.config.starters import starter_text
from wg.errors import ConfigError, NotFoundError, UsageError, WgError

A = """[[llm_endpoints.endpoints]]   # the first
name = 'a'   # its name
url = "http://a/v1"
is_default = true # yes
"""
B = """# the office
[[llm_endpoints.endpoints]]
name = "b"
url = "http://b/v1"
"""
TEXT = f"""# head
[agent]
model = "nex:m"

{A}
{B}
# The log.
[log]
rotation_threshold = 5000
"""
NEW = {"name": "c", "provider": "nex", "url": "http://c/v1"}
NEW_TEXT = '[[llm_endpoints.endpoints]]\nname = "c"\nprovider = "nex"\nurl = "http://c/v1"\n'


def config(text: str) -> Config:
    return Config("/c", text.encode())


@pytest.mark.parametrize("newline", ["\n", "\r\n"])
def test_only_the_blocks_change(newline: str) -> None:
    def like(text: str) -> str:
        return text.replace("\n", newline)

    made = config(like(TEXT))
    assert endpoint_edit.add(made, dict(NEW)) == like(TEXT.replace(B, f"{B}\n{NEW_TEXT}"))
    assert endpoint_edit.remove(made, 0) == like(TEXT.replace(f"{A}\n", ""))
    assert endpoint_edit.remove(made, 1) == like(TEXT.replace(f"{B}\n", ""))
    chosen = TEXT.replace("is_default = true # yes", "is_default = false # yes")
    assert endpoint_edit.make_default(made, 1) == like(chosen.replace(B, f"{B}is_default = true\n"))
    assert endpoint_edit.make_default(made, 0) == like(TEXT)


@pytest.mark.parametrize("end", ["", "\n", "\n\n\n", "\n# a last word\n"])
def test_the_first_one_is_put_at_the_end_and_taken_out_again(end: str) -> None:
    text = f'[agent]\nmodel = "codex:m"{end}'
    added = endpoint_edit.add(config(text), dict(NEW))
    assert added.endswith(NEW_TEXT) and added.startswith(text.rstrip("\n"))
    assert endpoint_edit.remove(config(added), 0) == text.rstrip("\n") + "\n"


def test_a_starter_gets_back_what_it_was() -> None:
    for name in ("claude", "codex", "nex"):
        text = starter_text(name)
        added = config(endpoint_edit.add(config(text), dict(NEW)))
        assert endpoint_edit.remove(added, len(added.endpoints()) - 1) == text


def test_the_comment_on_all_of_them_stays_while_there_are_others() -> None:
    added = config(endpoint_edit.add(config(starter_text("nex")), dict(NEW)))
    comment = "# Where models of the in-process executor are served"
    assert comment in endpoint_edit.remove(added, 0)
    assert comment not in endpoint_edit.remove(config(starter_text("nex")), 0)


UNUSUAL = {
    "array": "[llm_endpoints]\nendpoints = [{name = 'a', url = 'u', is_default = true}, #\n {name = 'b', url = 'u'}]\n",
    "an empty array": "[llm_endpoints]\nendpoints = []\n",
    "apart from each other": f"{A}[log]\nrotation_threshold = 5000\n{B}[tiers]\nfast = 'nex:f'\n",
    "a value over lines": A + "more = [\n  1,\n  # two\n  2,\n]\n# behind\n",
    "indented": "\n".join(f"  {line}" for line in (A + B).splitlines()),
    "quoted": A.replace("llm_endpoints.endpoints", "llm_endpoints . 'endpoints'").replace("is_default", '"is_default"'),
    "no end of line": (A + B).rstrip(),
}


@pytest.mark.parametrize("text", UNUSUAL.values(), ids=UNUSUAL)
def test_unusual_layouts(text: str) -> None:
    text = f'agent.model = "nex:m"\n{text}'
    made = config(text)
    values = tomllib.loads(text)
    blocks = values["llm_endpoints"]["endpoints"]
    assert read(endpoint_edit.add(made, dict(NEW))) == with_blocks(values, [*blocks, NEW])
    for index in range(len(blocks)):
        assert read(endpoint_edit.remove(made, index)) == with_blocks(values, blocks[:index] + blocks[index + 1 :])
        chosen = read(endpoint_edit.make_default(made, index))["llm_endpoints"]["endpoints"]
        assert [block.get("is_default", False) for block in chosen] == [at == index for at in range(len(blocks))]


def read(text: str) -> dict[str, Any]:
    values = tomllib.loads(text)
    values.setdefault("llm_endpoints", {}).setdefault("endpoints", [])
    return values


def with_blocks(values: dict[str, Any], blocks: list[Any]) -> dict[str, Any]:
    return {**values, "llm_endpoints": {"endpoints": blocks}}


def test_what_cannot_be_edited_is_refused() -> None:
    within = config(f"{A.replace('is_default = true # yes', '')}[llm_endpoints.endpoints.more]\nx = 1\n")
    with pytest.raises(ConfigError, match="cannot be edited"):
        endpoint_edit.make_default(within, 0)


def test_the_default_is_one_of_a_provider() -> None:
    other = 'provider = "openai"\nis_default = true\n'
    made = config(TEXT.replace(B, B + other))
    chosen = config(endpoint_edit.make_default(made, 0))
    assert [block.get("is_default") for block in chosen.endpoints()] == [True, True]


@given(st.lists(st.tuples(st.sampled_from(("nex", "openai")), st.booleans(), st.booleans()), min_size=1, max_size=5))
def test_the_list_says_what_the_resolver_does(drawn: list[tuple[str, bool, bool]]) -> None:
    text = 'agent.model = "nex:m"\nmodels.evaluator.model = "openai:m"\nmodels.triage.endpoint = "n0"\n'
    for number, (provider, is_default, has_provider) in enumerate(drawn):
        text += f'[[llm_endpoints.endpoints]]\nname = "n{number}"\nurl = "http://{number}"\n'
        text += f'provider = "{provider}"\n' if has_provider or provider != "nex" else ""
        text += "is_default = true\n" if is_default else ""
    made = config(text)
    for endpoint in listed(made):
        found = endpoint_for(made, "default", endpoint.provider)
        assert endpoint.default == (found is not None and found.name == endpoint.name)
    used = {role: endpoint.name for endpoint in listed(made) for role in endpoint.roles}
    resolved = {role: resolve(made, role).endpoint for role in ROLES}
    assert used == {role: endpoint.name for role, endpoint in resolved.items() if endpoint}


def test_a_name_is_found_or_refused() -> None:
    made = config(TEXT)
    assert (find(made, "a"), find(made, "b")) == (0, 1)
    with pytest.raises(NotFoundError):
        find(made, "c")
    with pytest.raises(WgError, match="2 endpoints with the name"):
        find(config(TEXT.replace('"b"', '"a"')), "a")


@pytest.mark.parametrize(
    "url", ["http://a", "https://a.example:8443/api/v1/", "http://[::1]:1/v1", "http://127.0.0.1:8088/v1"]
)
def test_addresses(url: str) -> None:
    assert check_url(url) == shown(url) == url


@pytest.mark.parametrize(
    "url",
    ["", "a", "ftp://a/v1", "file:///v1", "http://", "http:///v1", "http://a b/v1", "http://a/\x1b", "http://a:x/v1",
     "http://a:99999/v1", "http://[a/v1", "http://a/v1#x", "http://a/v1/chat/completions", "javascript://a"],
)  # fmt: skip
def test_what_is_no_address(url: str) -> None:
    with pytest.raises(UsageError, match=r"is no endpoint's address|more than the base address"):
        check_url(url)


@pytest.mark.parametrize("url", ["http://user:hush@a/v1", "https://hush@a/v1", "http://a/v1?key=hush", "http://hush@"])
def test_no_secret_in_an_address(url: str) -> None:
    with pytest.raises(UsageError) as refused:
        check_url(url)
    assert "hush" not in refused.value.message + refused.value.hint + shown(url)
    assert has_secret(url)
    (problem,) = [each for each in config(TEXT.replace("http://b/v1", url)).warnings if "keys belong" in each.message]
    assert "hush" not in problem.message and problem.line == TEXT[: TEXT.index("http://b")].count("\n") + 1


def test_what_goes_unencrypted() -> None:
    assert is_open("http://gateway.example/v1")
    assert is_open("http://localhost.example/v1")
    here = ("http://localhost:1/v1", "http://[::1]/v1", "http://127.0.0.2/v1", "http://0.0.0.0:8000/v1")
    assert not any(map(is_open, ("https://gateway.example/v1", *here)))
    assert all(map(is_loopback, here))
