"""Every optimisation off, alone, left out and on: what each is worth."""
