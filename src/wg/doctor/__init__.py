"""What is right and wrong with this installation, each finding with its remedy."""
