"""The matrix of runs: jobs, their evidence and the folders that keep both."""
