"""Rows in columns."""

from __future__ import annotations

from wg.text import printable


def table(headings: tuple[str, ...], rows: list[tuple[str, ...]]) -> list[str]:
    """A line of headings and one for each row. A column that is empty in all rows is left out."""
    safe = [tuple(printable(cell) for cell in row) for row in rows]
    columns = [number for number in range(len(headings)) if any(row[number] for row in safe)]
    wide = {number: max(len(row[number]) for row in (headings, *safe)) for number in columns}
    return ["  ".join(f"{row[number]:<{wide[number]}}" for number in columns).rstrip() for row in (headings, *safe)]
