"""Records: one run as a value, on disk as JSON."""
