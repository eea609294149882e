"""What of a model goes into other people's applications: a library, or one file and its header."""
