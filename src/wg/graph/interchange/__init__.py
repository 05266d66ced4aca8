"""Tasks as text: one JSON object a line, ours and the original's."""
