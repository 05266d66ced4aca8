"""`wg completion`: what makes a shell complete wg's command lines on TAB."""

from __future__ import annotations

from wg.cli.arguments import Parser, command
from wg.records import TYPE_CHECKING

if TYPE_CHECKING:
    import argparse

SHELLS = ("bash", "zsh", "fish")
_DESCRIPTION = """Print what makes your shell complete commands, options, task ids, profiles and config keys on TAB.
bash: put the line «eval "$(wg completion bash)"» into ~/.bashrc.
zsh: put «eval "$(wg completion zsh)"» into ~/.zshrc, behind compinit.
fish: wg completion fish > ~/.config/fish/completions/wg.fish"""


def parser() -> Parser:
    """The command line of `wg completion`."""
    made = command("completion", _DESCRIPTION, run)
    made.add_argument("shell", choices=SHELLS, help="the shell to print it for")
    return made


def run(arguments: argparse.Namespace) -> int:
    """Print the shell's code."""
    from argcomplete.shell_integration import shellcode  # only here and while completing: wg.cli.candidates

    # without its defaults: where wg knows nothing to offer, names of files would be wrong
    code = shellcode(["wg"], use_defaults=False, shell=arguments.shell)
    if arguments.json:
        import json  # only where it is asked for

        print(json.dumps({"shell": arguments.shell, "code": code}))
    else:
        print(code.strip("\n"))
    return 0
