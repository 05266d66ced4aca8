"""wg: a work graph for people and coding agents."""

__version__ = "0.1.0"
