"""Tables of the ledger that can be made again from its log."""
