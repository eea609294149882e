"""How a process of the rig ends: its errors told, its output closed."""
