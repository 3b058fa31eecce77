"""Commands, decided in batches inside the transaction that writes their facts."""
