"""The static site of a folder of results."""
