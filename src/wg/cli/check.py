"""`wg check`: whether what is stored of the graph fits together."""

from __future__ import annotations

from wg.cli.arguments import Parser, command
from wg.cli.caller import open_store
from wg.cli.doctor import print_findings
from wg.doctor.finding import OK
from wg.doctor.graph import examine_graph
from wg.records import TYPE_CHECKING

if TYPE_CHECKING:
    import argparse


def parser() -> Parser:
    """The command line of `wg check`."""
    return command(
        "check", "Check that tasks, dependencies and attempts fit together; each finding comes with its remedy.", run
    )


def run(arguments: argparse.Namespace) -> int:
    """Print the findings; exit code 1 if something is wrong."""
    with open_store(arguments) as store:
        findings = examine_graph(store)
    print_findings(findings, as_json=arguments.json)
    return 1 if any(finding.level != OK for finding in findings) else 0
