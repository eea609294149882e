"""One question each: agree, fit, profile, ablation, memory, capsule, kernels."""
