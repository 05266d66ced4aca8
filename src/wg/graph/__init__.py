"""The work: tasks, their lifecycle and their store."""
