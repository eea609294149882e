"""`python -m tinyrig` is `tinyrig`."""

from tinyrig.suite.cli import main

if __name__ == "__main__":
    main()
