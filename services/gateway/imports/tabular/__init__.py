"""Tables that people make with spreadsheets, read row by row: CSV in its Indonesian dialects, and XLSX.

    layout     which columns are wanted, by which names people call them, and how the header row is found
    cells      what a cell can be, and the careful ways from a cell to text, a whole number or a day
    delimited  CSV: encodings, delimiters, quotation marks that do not match
    markup     the little XML that workbooks need, with document types refused
    workbook   XLSX as a package of parts: limits before anything is unpacked, strings, styles
    sheet      one sheet of a workbook as a stream of rows
    rows       what comes out, and the limits
    reading    the door: `open_table`

Promises bounded memory, and that nothing is guessed: a number stays a number, an error cell stays an error, a row that
cannot be read is handed out as such. What is wrong with a file as a whole is raised as `Poison`, with a code that
begins with `file.`. Must not know what any column means.
"""

from services.gateway.imports.tabular.cells import Cell, ErrorCell, day, folded, month, text, whole
from services.gateway.imports.tabular.layout import Layout
from services.gateway.imports.tabular.reading import Table, open_table
from services.gateway.imports.tabular.rows import BrokenRow, Limits, Row

__all__ = [
    "BrokenRow",
    "Cell",
    "ErrorCell",
    "Layout",
    "Limits",
    "Row",
    "Table",
    "day",
    "folded",
    "month",
    "open_table",
    "text",
    "whole",
]
