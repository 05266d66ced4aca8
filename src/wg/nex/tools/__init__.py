"""What the model can do: read, change and search files, run commands, and use the work graph."""
