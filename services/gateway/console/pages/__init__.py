"""The console's pages, a module each: ask the board, shape the answer, hand it to a template."""
