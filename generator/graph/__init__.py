"""The typed integer graph: tensors, operators, requantisation constants."""
