"""Which config file is in force, and how that is switched."""
