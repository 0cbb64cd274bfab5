"""Where the command begins, before anything that takes time to import: Ctrl-C ends that, too,
without a traceback.
"""

import sys


def main() -> None:
    """Runs the command line and ends the process with its exit code."""
    try:
        from cloister.cli.main import main as command_line  # noqa: PLC0415 - see above

        command_line()
    except KeyboardInterrupt:
        sys.stderr.write("interrupted\n")
        sys.exit(130)


if __name__ == "__main__":
    main()
