"""The command line: grammar (app.py), one boundary for errors (main.py), one file per verb."""
