"""Writing returns: the form that a county office fills, from a layout and the fields of a catalogue.

Here: what a cell of the form holds (``cells``), what is said and allowed of a column (``columns``, ``ranges``), how sheets
look (``styles``, ``sheets``, ``front``) and the whole workbook (``workbook``). Not here: reading them (``returns``), and any
column, code or word of the form itself, which are data of the catalogue.
"""

from pipeline.forms.cells import Verbatim, cell_text
from pipeline.forms.workbook import Rows, write_return

__all__ = ["Rows", "Verbatim", "cell_text", "write_return"]
