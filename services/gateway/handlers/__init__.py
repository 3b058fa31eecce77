"""Where commands meet the database: what a batch needs is fetched at once, and what it writes commits together."""
