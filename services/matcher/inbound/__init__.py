"""Questions to the matcher."""
