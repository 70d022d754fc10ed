"""Calls that wait for people: the desk, its store, and the ways to decide. Import from the modules."""
