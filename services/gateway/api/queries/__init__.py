"""The questions that HTTP asks of the read models, each with its statements."""
