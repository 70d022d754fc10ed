"""What boto3's clients raise. The clients themselves are made by who configures them."""

from __future__ import annotations

from importlib import import_module

__all__ = ["client_errors"]


def client_errors() -> tuple[type[Exception], ...]:
    """The errors of a call that failed, where botocore is installed; OSError in any case."""
    try:
        errors = import_module("botocore.exceptions")
    except ModuleNotFoundError:
        return (OSError,)
    return (OSError, errors.BotoCoreError, errors.ClientError)
