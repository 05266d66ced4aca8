"""Where an agent works, and how its work reaches the base branch."""
