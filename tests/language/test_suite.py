"""Runs the language's portable suite: `.hoop` files with requests, decisions and diagnostics beside them as JSON."""
