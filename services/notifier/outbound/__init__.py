"""How notices leave the house: what is due, by which channel, in which words, and what came of it."""
