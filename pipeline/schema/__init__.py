"""The shape of a catalogue: models, loading, and the checks that hold its files together.

Here: what an entry of each YAML or CSV file may say (``model``), reading a folder so that every error names file,
entry and line (``load``), cross-references between files (``check``) and the SQL dialect of expressions
(``expressions``). Not here: the shipped rules themselves, which are data in ``pipeline/catalogue/``.
"""

from pipeline.schema.load import SHIPPED, load_catalogue
from pipeline.schema.model import Catalogue

__all__ = ["SHIPPED", "Catalogue", "load_catalogue"]
