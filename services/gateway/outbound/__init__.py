"""What the gateway asks of the other services."""
