"""The integer dialect of QuantLib and Deeploy: float tensors that hold integers."""
