"""What a model can be traded for on a board: the frontier of cycles, RAM and flash, proven."""
