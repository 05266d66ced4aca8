"""The agent in the box: a model at an OpenAI-compatible endpoint, tools to work with, and the loop between them."""
