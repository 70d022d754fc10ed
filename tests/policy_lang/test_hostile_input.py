"""Hostile policy text and directories: a PolicyError with a code, in bounded time and memory, and nothing else."""
