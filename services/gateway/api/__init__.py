"""The gateway's HTTP face: requests become commands, read models become answers, refusals become problems."""
