"""What one config file means."""
