"""How notices are sent: what is due, by which channel, in which words, and the result."""
