"""Structured logs: one JSON object a line. They hold digests, sizes, times and words of this
code; never a tensor, a key, a nonce, a sealed or a plain byte (a test looks for them).
"""

from __future__ import annotations

import json
import logging
import sys
import traceback
from datetime import UTC, datetime
from pathlib import Path
from typing import Final, TextIO

Field = str | int | float | bool | None
LOGGER: Final = logging.getLogger("cloister.serve")
_SERVER: Final = logging.getLogger("uvicorn")
_FIELDS: Final = "cloister_fields"


def event(level: int, name: str, /, **fields: Field) -> None:
    """Logs that something happened.

    Args:
        level: Of `logging`.
        name: Which kind of event, kebab-case.
        fields: Digests, sizes, times, states.
    """
    if LOGGER.isEnabledFor(level):
        LOGGER.log(level, name, extra={_FIELDS: fields})


def failure(error: BaseException) -> dict[str, str]:
    """What may be logged of an unexpected exception: its type and where it was, not its message,
    into which some library may have put a value.
    """
    frames = traceback.extract_tb(error.__traceback__)
    where = " ".join(f"{Path(frame.filename).name}:{frame.lineno}" for frame in frames)
    return {"error": type(error).__name__, "where": where}


class JsonLines(logging.Formatter):
    """One JSON object a line: time, level, logger, event, then the event's fields."""

    def format(self, record: logging.LogRecord) -> str:
        """See the class."""
        line: dict[str, object] = {
            "time": datetime.fromtimestamp(record.created, UTC).isoformat(timespec="milliseconds"),
            "level": record.levelname.lower(),
            "logger": record.name,
            "event": record.getMessage(),
            **getattr(record, _FIELDS, {}),
        }
        if record.exc_info and record.exc_info[1] is not None:
            line.update(failure(record.exc_info[1]))
        return json.dumps(line)


def log_to(stream: TextIO | None = None, level: int | str = logging.INFO) -> logging.Handler:
    """Sends the service's and the HTTP server's logs to a stream.

    Args:
        stream: Standard error if not given.
        level: Of `logging`.

    Returns:
        The handler, for `stop_logging`.
    """
    handler = logging.StreamHandler(stream or sys.stderr)
    handler.setFormatter(JsonLines())
    for logger in (LOGGER, _SERVER):
        logger.addHandler(handler)
        logger.setLevel(level)
        logger.propagate = False
    # Below debug uvicorn logs the query of each request, and with it the client's nonce.
    _SERVER.setLevel(max(_SERVER.level, logging.DEBUG))
    return handler


def stop_logging(handler: logging.Handler) -> None:
    """Undoes `log_to`."""
    for logger in (LOGGER, _SERVER):
        logger.removeHandler(handler)
        logger.setLevel(logging.NOTSET)
        logger.propagate = True
