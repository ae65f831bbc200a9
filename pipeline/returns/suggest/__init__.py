"""A layout for a file that none knows, and what changed in one that is known: both compare headers with the catalogue.

How headers are worded (``wording``), what they may stand for (``meanings``), what the cells below tell (``profile``, ``units``,
``magnitude``), the best match of a whole sheet (``match``, ``sheet``, ``vertical``), a layout of it (``draft``, ``write``), and the differences from the
nearest layout (``nearest``, ``diff``). Words of the trade are data: ``words.yaml``. Not here: reading by a layout (``returns``).
"""
