"""What others may ask the ledger."""
