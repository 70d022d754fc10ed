"""Whole decisions a CPU-second: hoopgate, unbound and bound, against the engines that can be called from Python."""
