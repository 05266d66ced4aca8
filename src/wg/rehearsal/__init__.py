"""A scripted model on loopback, for trying, teaching and testing the whole pipeline without an account or a token."""
