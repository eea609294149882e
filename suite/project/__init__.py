"""What a user's repository says of its models, boards and limits: its tinyrig.toml."""
