"""Statements of the runtime."""
