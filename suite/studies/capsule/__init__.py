"""Capsules: one layer of a run, with everything it needs to run again alone."""
