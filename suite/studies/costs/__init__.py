"""What calls of kernels cost by their parameters: measured, fitted, and held against networks."""
