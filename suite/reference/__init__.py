"""The integer reference: every operator once in PyTorch, and the comparisons with it."""
