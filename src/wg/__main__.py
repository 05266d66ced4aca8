"""`python -m wg` is `wg`."""

from wg.cli.main import entry

entry()
