"""Sample data: returns of made-up provinces that look like real ones, written through the form that a county fills.

Which counties there are (``places``), their units (``units``, ``names``), pupils and classes (``pupils``), every cell
(``quantities``, ``year``), year by year (``county``), as rows (``frames``); real mistakes among them (``plans``, ``mistakes``); and where all of it is
written (``write``). Numbers, names and kinds of mistakes are data: the YAML files beside the modules. Everything is invented.
"""

from pipeline.sample.write import Asked, Written, write_sample

__all__ = ["Asked", "Written", "write_sample"]
