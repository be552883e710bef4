"""`python -m localsign`."""

from localsign.cli import main

main()
