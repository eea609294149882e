"""Trains the zoo's networks and those that a search finds."""
