"""The console's pages, a module each: query the API, shape the answer, render a template."""
