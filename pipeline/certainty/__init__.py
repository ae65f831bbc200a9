"""How sure a rank is, and what the choices behind it do (method 8).

Here: versions of what counties are ranked by (``versions``), small errors drawn in the cells of returns (``errors``, ``cells``) and
carried through the real formulas (``formula``, ``replay``, ``draws``), and the tables made of them (``uncertainty``, ``choices``,
``diagnostics``). Not here: composites, ranks and correlations as such (``pipeline.ranks``); the ranking itself (``pipeline.sql``).
"""
