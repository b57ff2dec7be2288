"""`python -m midcli`."""

from midcli.cli import main

if __name__ == "__main__":
    main()
