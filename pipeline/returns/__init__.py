"""Reading returns: a file becomes source tables, a layout fits them, cells become typed rows with their place.

Here: decoding (``csv_file``), finding the layout (``layouts``), mapping and typing (``rows``, ``typing``) and the whole
of one file (``reader``). Not here: what a value may be (rules of the catalogue) and where bytes are kept (``store``).
"""
