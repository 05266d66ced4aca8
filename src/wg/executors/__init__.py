"""How one agent is run."""
