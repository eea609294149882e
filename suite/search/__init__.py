"""Searches networks under a board's limits; the judge of a candidate is the planner itself."""
