"""The search for a plan: every way that is permitted by its cycles, RAM and flash."""
