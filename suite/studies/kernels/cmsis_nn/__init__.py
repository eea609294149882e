"""CMSIS-NN beside our kernels: the user's own checkout, on the same inputs and models."""
