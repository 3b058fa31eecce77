"""Bodies of HTTP requests and answers: what donors' systems and field offices type, before anything is looked up."""
