"""Files of workers, pledges and receipts: taken whole, read in the background, answered row by row.

    layouts    the columns of each kind of file, by the names that people give them
    lines      what becomes of a row, and the careful reading of its cells
    workers, pledges, receipts   pure: from a row to what is asked of a shard, or to a refusal
    reading    from a file to portions of rows; runs in another process when the file is large
    shelf      the tables: sealed files, chunks done, reports
    command    what is asked of a lane: take this part of this chunk; close this import
    decide     how a lane answers that, in its transaction
    runner     the loop that works running imports off, and goes on where a killed process stopped
    routes     HTTP

Promises that each row counts once, whatever is killed when, and that no plain byte of a file is ever stored.
"""
