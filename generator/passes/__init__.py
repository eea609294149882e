"""Rewrites of the integer graph, each a value-to-value function."""
