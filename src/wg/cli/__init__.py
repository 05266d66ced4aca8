"""What a person or an agent types: parse, call, print."""
