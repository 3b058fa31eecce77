"""The tables of the matcher, kept in step with its log."""
