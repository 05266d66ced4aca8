"""`wg endpoints test`: which endpoint and model are asked, and what is said of them."""

from __future__ import annotations

from wg.cli.inforce import print_json
from wg.config import endpoints
from wg.config.addresses import check_url, shown
from wg.config.resolver import resolve
from wg.config.route import Endpoint
from wg.config.schema import ENDPOINTS, PROVIDERS, ROLES
from wg.errors import NotFoundError, UsageError, WgError
from wg.records import TYPE_CHECKING
from wg.text import printable

if TYPE_CHECKING:
    import argparse

    from wg.config.load import Config
    from wg.nex.probe import Report

_LISTED = 5  # models that are named


def test(arguments: argparse.Namespace, config: Config) -> int:
    """Ask the endpoint, and print what was found out. Exit code 1 if tasks cannot run on it."""
    from wg.nex.endpoint import key_of
    from wg.nex.probe import probe
    from wg.nex.probe_request import Place

    chosen = _chosen(config, arguments.name)
    try:
        check_url(chosen.url)
    except UsageError as error:  # it stands in the file, and not on the command line
        raise WgError(error.message, f"mend the endpoint {chosen.name} in {config.path}") from None
    if trouble := endpoints.key_trouble(chosen.api_key_env, chosen.api_key_file):
        raise WgError(f"endpoint {chosen.name}: {trouble.message}", trouble.remedy)
    key = key_of(Endpoint(chosen.name, chosen.url, chosen.api_key_env, chosen.api_key_file))
    model = _model(config, chosen, arguments.model)
    if not arguments.json:
        print(f"Endpoint {printable(chosen.name)} at {chosen.url}", flush=True)
    report = probe(Place(chosen.url, key, arguments.timeout), model)
    if arguments.json:
        print_json(_object(chosen, report))
    else:
        print("\n".join(_lines(report)))
    return 0 if report.usable else 1


def _chosen(config: Config, name: str | None) -> endpoints.Listed:
    """The endpoint of that name, else the one that tasks use, else a default one. NotFoundError if there is none."""
    listed = endpoints.listed(config)
    if name is not None:
        endpoints.find(config, name)
        listed = [endpoint for endpoint in listed if endpoint.name == name]
    if not listed:
        raise NotFoundError(f"{config.path} has no complete [[{ENDPOINTS}]] block", "wg endpoints add NAME URL")
    return min(listed, key=lambda endpoint: ("task_agent" not in endpoint.roles, not endpoint.default))


def _model(config: Config, chosen: endpoints.Listed, asked: str | None) -> str:
    """The model's own name: what is asked for, else what a role runs there, else ""."""
    if asked:
        provider, _, name = asked.partition(":")
        return name if provider in PROVIDERS and name else asked  # a model's own name may hold a colon
    first = min(chosen.roles, key=lambda role: role != "task_agent", default="")
    return resolve(config, first).model if first in ROLES else ""


def _lines(report: Report) -> list[str]:
    lines = []
    if report.models is not None:
        more = f", and {len(report.models) - _LISTED} more" if len(report.models) > _LISTED else ""
        lines.append(f"  models      {len(report.models)}: {', '.join(report.models[:_LISTED])}{more}")
    elif report.list_note and report.list_note != report.problem:
        lines.append(f"  models      not listed: {report.list_note}")
    if report.model:
        missing = report.models is not None and report.model not in report.models
        lines.append(f"  model       {report.model}{' (which is not in its list)' if missing else ''}")
    if report.answer:
        lines += _answer_lines(report)
    if report.tools is not None:
        lines.append(f"  tool calls  {'yes' if report.tools else f'no: {report.tools_note}'}")
    lines.append(f"Tasks can run on it: {'yes' if report.usable else f'no: {report.problem}'}")
    if report.hint:
        lines.append(f"hint: {report.hint}")
    return [printable(line) for line in lines]


def _answer_lines(report: Report) -> list[str]:
    answer = report.answer
    assert answer
    first = f"the first after {answer.first:.2f} s, " if answer.first is not None else ""
    whole = f"all after {answer.total:.2f} s" if answer.ended else f"left after {answer.total:.2f} s: it does not end"
    pieces = f"yes, {answer.pieces} piece{'' if answer.pieces == 1 else 's'}"
    streams = pieces if report.streams else "no: the whole text comes at once"
    usage = "not given: token and cost limits cannot count what it uses"
    if used := answer.answer.usage:
        usage = f"{used.input} tokens in, {used.output} out"
    elif not answer.ended:
        usage = "not known: the answer did not end"
    return [f"  streaming   {streams}", f"  latency     {first}{whole}", f"  usage       {usage}"]


def _object(chosen: endpoints.Listed, report: Report) -> dict[str, object]:
    answer = report.answer
    usage = answer.answer.usage if answer else None
    return {
        "endpoint": chosen.name,
        "url": shown(chosen.url),
        "model": report.model or None,
        "models": list(report.models) if report.models is not None else None,
        "streams": report.streams if answer else None,
        "pieces": answer.pieces if answer else None,
        "first_seconds": round(answer.first, 3) if answer and answer.first is not None else None,
        "total_seconds": round(answer.total, 3) if answer else None,
        "usage": {"input": usage.input, "output": usage.output} if usage else None,
        "tools": report.tools,
        "tools_note": report.tools_note or None,
        "usable": report.usable,
        "problem": report.problem or None,
        "hint": report.hint or None,
    }
