"""Files of workers, pledges and receipts: accepted whole, processed in the background, answered row by row.

    layouts         the columns of each kind of file, by the names that people use for them
    cell_reader     cells of a row as values, and the report line of a row
    workers, pledges, receipts   pure: from a row to a request, or to its refusal
    row_reader      from a file to portions of rows
    reader_process  runs the row reader in another process if the file is large
    import_store    the tables: sealed files, completed parts, reports
    command         what is submitted to a shard: apply this part of this chunk; finish this import
    handler         how a shard decides these commands, in its transaction
    shard_routing   divides a portion among the shards of its rows
    runner          the background loop, which resumes where a killed process stopped

Promises that each row counts once, whatever is killed when, and that no plain byte of a file is ever stored. The HTTP
routes are in `api/routes/imports.py`; must not import the API or the handlers of other commands.
"""
