"""What a person looks at: pure functions from records to lines of text."""
