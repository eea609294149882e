"""What kernels cost by shape, beside their targets and CMSIS-NN."""
