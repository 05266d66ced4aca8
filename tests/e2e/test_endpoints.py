"""`wg endpoints list|add|remove|default`, in both modes."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from tests.e2e.profile_box import STARTER, ProfileBox, small, write_private
from tests.harness import WG, Box, obeying

URL = "https://gateway.example/v1"
ROLES = ["default", "task_agent", "evaluator", "flip_inference", "flip_comparison", "assigner", "triage"]


@pytest.fixture
def nex(profiles: ProfileBox) -> ProfileBox:
    profiles.prepare("nex")
    return profiles


def listed(box: ProfileBox) -> dict[str, dict[str, object]]:
    return {each["name"]: each for each in box.wg("endpoints", "list", "--json").json["endpoints"]}


def test_add_default_remove_and_back(nex: ProfileBox) -> None:
    added = nex.wg("endpoints", "add", "office", URL, "--api-key-env", "OFFICE_KEY", env={"OFFICE_KEY": "hush-hush"})
    assert "Added office: models written nex:NAME" in added.out and "No role uses it" in added.out
    assert added.err == ""
    nex.assert_active("nex")
    block = f'\n[[llm_endpoints.endpoints]]\nname = "office"\nprovider = "nex"\nurl = "{URL}"\n'
    block += 'api_key_env = "OFFICE_KEY"\n'
    assert nex.config.read_text() == STARTER["nex"] + block
    assert (listed(nex)["default"]["roles"], listed(nex)["office"]["roles"]) == (ROLES, [])
    assert nex.wg("endpoints", "default", "office").out.startswith("Default of nex: office; used by: all\n")
    nex.assert_active("nex")
    assert (listed(nex)["default"]["default"], listed(nex)["office"]["default"]) == (False, True)
    roles = nex.wg("status", "--json").json["roles"]
    assert {role["endpoint"] for role in roles} == {URL}
    removed = nex.wg("endpoints", "remove", "office")
    assert "warning: roles that used it: all; now they use default\n" in removed.err
    nex.wg("endpoints", "default", "default")
    assert nex.config.read_text() == STARTER["nex"]


def test_list(nex: ProfileBox) -> None:
    key = nex.box.home / "key"
    write_private(key, "hush-hush\n")
    nex.wg("endpoints", "add", "filed", URL, "--api-key-file", str(key), "--provider", "openai", "--default")
    nex.wg("endpoints", "add", "named", URL, "--api-key-env", "OFFICE_KEY")
    nex.wg("config", "set", "models.evaluator.model", "openai:gpt")
    text = nex.wg("endpoints", "list", env={"OFFICE_KEY": "hush-hush"}).out
    assert text == (
        "default (default of nex)\n  url    http://127.0.0.1:8088/v1\n  key    none\n"
        "  roles  default, task_agent, flip_inference, flip_comparison, assigner, triage\n"
        f"filed (default of openai)\n  url    {URL}\n  key    in the file {key}\n  roles  evaluator\n"
        f"named (nex)\n  url    {URL}\n  key    in the variable OFFICE_KEY, which is set\n  roles  none\n"
    )
    assert listed(nex)["named"]["key"] == {
        "env": "OFFICE_KEY",
        "file": None,
        "problem": "the variable OFFICE_KEY, which holds its key, is not set",
    }
    key.chmod(0o640)
    missing = f"missing: others may read its key file {key} (mode 0640) (chmod 600 {key})"
    assert missing in nex.wg("endpoints", "list").out
    doctor = nex.wg("doctor", code=None).out
    assert f"endpoint filed: others may read its key file {key} (mode 0640)" in doctor
    assert "endpoint named: the variable OFFICE_KEY, which holds its key, is not set" in doctor
    assert "hush" not in text + doctor + nex.wg("endpoints", "list", "--json", env={"OFFICE_KEY": "hush-hush"}).out


ADD_ERRORS = {
    "no address": (["x", "gateway"], 2, "is no endpoint's address"),
    "no http": (["x", "ftp://a/v1"], 2, "is no endpoint's address"),
    "a password": (["x", "https://me:hush-hush@a/v1"], 2, "has a name or password in it"),
    "a key in the query": (["x", "https://a/v1?key=hush-hush"], 2, "has a name or password in it"),
    "more than the base": (["x", "https://a/v1/chat/completions"], 2, "try https://a/v1"),
    "a provider of a CLI": (["x", URL, "--provider", "claude"], 2, "no endpoint can be of the provider 'claude'"),
    "a provider misspelt": (["x", URL, "--provider", "openruter"], 2, "did you mean openrouter?"),
    "the key itself": (["x", URL, "--api-key-env", "sk-hush-hush"], 2, "takes the name of a variable, not the key"),
    "an option for the key": (["x", URL, "--api-key", "value"], 2, "unrecognized arguments"),
    "two keys": (["x", URL, "--api-key-env", "A", "--api-key-file", "/b"], 2, "not allowed with"),
    "no such file": (["x", URL, "--api-key-file", "nowhere"], 1, "nowhere: No such file"),
    "a directory": (["x", URL, "--api-key-file", "."], 1, "is not a file"),
    "a bad name": (["a b", URL], 2, "the name is letters"),
    "an empty name": (["", URL], 2, "the name is letters"),
    "taken": (["default", URL], 1, "has an endpoint 'default' already"),
}


@pytest.mark.parametrize(("argv", "code", "message"), ADD_ERRORS.values(), ids=ADD_ERRORS)
def test_add_refuses(links: ProfileBox, argv: list[str], code: int, message: str) -> None:
    links.prepare("nex")
    refused = links.wg("endpoints", "add", *argv, code=code)
    assert message in refused.err and "hush" not in refused.out + refused.err
    as_object = links.wg("endpoints", "add", *argv, "--json", code=code)
    assert '"exit_code": ' in as_object.err and "hush" not in as_object.err
    assert links.config.read_text() == STARTER["nex"]


@pytest.mark.parametrize("mode", [0o604, 0o640, 0o620, 0o601])
def test_a_key_file_that_is_not_private(links: ProfileBox, mode: int) -> None:
    links.prepare("nex")
    key = links.box.home / "key"
    write_private(key, "hush-hush")
    key.chmod(mode)
    refused = links.wg("endpoints", "add", "x", URL, "--api-key-file", str(key), code=1)
    assert f"others may read its key file {key} (mode {mode:04o})" in refused.err
    assert f"hint: chmod 600 {key}" in refused.err
    links.box.run("chmod", "600", str(key))
    links.wg("endpoints", "add", "x", URL, "--api-key-file", os.path.relpath(key, links.box.project))
    assert f'api_key_file = "{key}"' in links.config.read_text()


def test_a_key_file_that_cannot_be_read(links: ProfileBox) -> None:
    links.prepare("nex")
    key = links.box.home / "key"
    write_private(key, "hush-hush")
    key.chmod(0)
    refused = links.box.run(*obeying(), WG, "endpoints", "add", "x", URL, "--api-key-file", str(key), code=1)
    assert "cannot be read" in refused.err


def test_a_key_file_that_holds_no_one_key(links: ProfileBox) -> None:
    """Whoever adds it, lists it or looks after it is told, without a word of what is in it."""
    links.prepare("nex")
    key = links.box.home / "key"
    write_private(key, "hush-hush")
    links.wg("endpoints", "add", "x", URL, "--api-key-file", str(key))
    for content in ("", "\n", "hush\nhush\n", "hush hush", "\x1b[31m"):
        write_private(key, content)
        refused = links.wg("endpoints", "add", "y", URL, "--api-key-file", str(key), code=1)
        said = (refused.err, links.wg("endpoints", "list").out, links.wg("doctor", code=None).out)
        assert all(f"its key file {key} does not hold one key" in text for text in said)
        assert "hush" not in "".join(said)
    key.write_bytes(b"\xff\xfe")
    assert "does not hold one key" in links.wg("endpoints", "list").out


def test_a_file_below_the_home_stays_so(links: ProfileBox) -> None:
    links.prepare("nex")
    write_private(links.box.home / "key", "hush-hush")
    links.wg("endpoints", "add", "x", URL, "--api-key-file", "~/key")
    assert 'api_key_file = "~/key"' in links.config.read_text()
    assert "in the file ~/key" in links.wg("endpoints", "list").out


def test_add_warns(links: ProfileBox) -> None:
    links.prepare("nex")
    said = links.wg("endpoints", "add", "x", "http://gateway.example/v1", "--api-key-env", "NOT_SET").err
    assert "warning: the key goes there unencrypted" in said
    assert "warning: the variable NOT_SET, which holds its key, is not set" in said


def test_remove_takes_the_roles_with_it(nex: ProfileBox) -> None:
    nex.wg("endpoints", "add", "office", URL)
    nex.wg("config", "set", "models.evaluator.endpoint", "office")
    nex.wg("config", "set", "models.triage.endpoint", "office")
    before = nex.config.read_text()
    removed = nex.wg("endpoints", "remove", "office", "--json").json
    assert removed["endpoint"]["roles"] == ["evaluator", "triage"]
    assert removed["warnings"] == [
        "models.evaluator.endpoint named it, and is removed as well",
        "models.triage.endpoint named it, and is removed as well",
        "roles that used it: evaluator, triage; now they use default",
    ]
    assert 'endpoint = "office"' in before and "office" not in nex.config.read_text()
    assert nex.wg("config", "lint", code=0).code == 0
    said = nex.wg("endpoints", "remove", "default").err
    assert "warning: roles that used it: all; now they use no endpoint: they cannot run" in said
    assert "no [[llm_endpoints.endpoints]] block serves the provider nex" in said
    assert "has no endpoints; wg endpoints add" in nex.wg("endpoints", "list").err
    assert nex.wg("endpoints", "list", "--json").json["endpoints"] == []


def test_names_that_are_not_there(links: ProfileBox) -> None:
    links.prepare("nex")
    for command in ("remove", "default", "test"):
        assert "has no endpoint 'defolt'" in (refused := links.wg("endpoints", command, "defolt", code=3)).err
        assert "did you mean default?" in refused.err
    links.wg("endpoints", "remove", "default")
    assert "there are: none" in links.wg("endpoints", "remove", "default", code=3).err
    assert "has no complete [[llm_endpoints.endpoints]] block" in links.wg("endpoints", "test", code=3).err


def test_the_file_in_force_is_edited(nex: ProfileBox) -> None:
    """Pins, --profile and WG_PROFILE as everywhere."""
    nex.project_made()
    nex.wg("profile", "use", "codex", "--project")
    nex.wg("endpoints", "add", "pinned", URL)
    assert 'name = "pinned"' in nex.snapshot("codex").read_text()
    nex.wg("--profile", "claude", "endpoints", "add", "flagged", URL)
    nex.wg("endpoints", "add", "by-variable", URL, env={"WG_PROFILE": "claude"})
    assert nex.snapshot("claude").read_text().count("[[llm_endpoints.endpoints]]") == 2
    assert nex.config.read_text() == STARTER["nex"]


def test_a_detached_file_and_one_behind_a_link(links: ProfileBox) -> None:
    links.home.mkdir(mode=0o700)
    write_private(links.config, f"# mine\n{small('nex:m')}")
    links.wg("endpoints", "add", "x", URL)
    assert not links.config.is_symlink() and links.config.read_text().startswith("# mine\n")
    dotfiles = links.box.home / "dotfiles.toml"
    links.config.rename(dotfiles)
    links.config.symlink_to(dotfiles)
    links.wg("endpoints", "remove", "x")
    assert links.config.is_symlink() and dotfiles.read_text() == f"# mine\n{small('nex:m')}"


def test_an_invalid_file_is_left_alone(links: ProfileBox) -> None:
    links.home.mkdir(mode=0o700)
    write_private(links.config, "[agent]\nmodel = 3\n")
    assert "would be invalid" in links.wg("endpoints", "add", "x", URL, code=5).err
    assert links.config.read_text() == "[agent]\nmodel = 3\n"
    for command in ("list", "test"):
        assert ":2: agent.model must be a string" in links.wg("endpoints", command, code=5).err


def test_a_password_that_was_written_by_hand_is_not_shown(links: ProfileBox) -> None:
    links.home.mkdir(mode=0o700)
    block = '[[llm_endpoints.endpoints]]\nname = "x"\nurl = "http://me:hush-hush@127.0.0.1:1/v1"\n'
    write_private(links.config, small("nex:m") + block)
    commands = (["list"], ["list", "--json"], ["test"], ["default", "x"])
    told = [links.wg("endpoints", *argv, code=None) for argv in commands]
    told += [links.wg("config", "lint"), links.wg("doctor", code=None)]
    assert "http://[hidden]@127.0.0.1:1/v1" in told[0].out
    assert told[2].code == 1 and "has a name or password in it" in told[2].err
    assert "keys belong into api_key_env or api_key_file" in told[4].out
    assert "hush" not in "".join(each.out + each.err for each in told)


def test_one_without_a_name_harms_nobody(links: ProfileBox) -> None:
    links.home.mkdir(mode=0o700)
    write_private(links.config, small("codex:m") + '[[llm_endpoints.endpoints]]\nprovider = "ollama"\n')
    assert links.wg("endpoints", "list", "--json").json["endpoints"] == []
    links.wg("doctor", code=None)
    links.wg("endpoints", "add", "x", URL)
    assert list(listed(links)) == ["x"]


def test_two_at_once_lose_nothing(links: ProfileBox) -> None:
    """The lock: each edit is made on what the one before has written."""
    links.prepare("nex")
    names = [f"e{number}" for number in range(6)]
    script = " ".join(f"wg endpoints add {name} {URL} &" for name in names) + " wait"
    links.box.run("bash", "-c", script, env={"PATH": f"{Path(WG).parent}:{os.environ['PATH']}"})
    assert sorted(listed(links)) == ["default", *names]


def test_help_says_why_no_key_is_taken(box: Box) -> None:
    said = " ".join(box.wg("endpoints", "--help").out.split())
    assert "There is no option that takes a key: what stands on a command line is seen by every process" in said
    assert "endpoints" in box.wg("--help").out
