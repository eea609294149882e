"""The gate: whether anything got worse between two sets of results, where, and why."""
