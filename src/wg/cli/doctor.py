"""`wg doctor`: check this installation."""

from __future__ import annotations

from wg.cli.arguments import Parser, command
from wg.cli.inforce import print_json, project_here
from wg.doctor.examination import examine
from wg.doctor.finding import PROBLEM, Finding
from wg.records import TYPE_CHECKING
from wg.text import printable

if TYPE_CHECKING:
    import argparse


def parser() -> Parser:
    """The command line of `wg doctor`."""
    return command("doctor", "Check this installation; each finding that is not ok comes with its remedy.", run)


def run(arguments: argparse.Namespace) -> int:
    """Print the findings; exit code 1 if there is a problem among them."""
    project = project_here(arguments)
    findings = examine(project, arguments.profile or "")
    print_findings(findings, as_json=arguments.json)
    return 1 if any(finding.level == PROBLEM for finding in findings) else 0


def print_findings(findings: list[Finding], *, as_json: bool) -> None:
    """As a list for people, or as JSON."""
    if as_json:
        print_json([finding._asdict() for finding in findings])
        return
    for finding in findings:
        print(f"{finding.level:<8} {finding.subject}: {printable(finding.message)}")
        if finding.remedy:
            print(f"{'':<8} remedy: {printable(finding.remedy)}")
