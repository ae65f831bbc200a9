"""Change over the years, and counties that are alike.

Here: how a county of this year lay last year (``boundaries``), last year's gaps and measures in this year's boundaries
(``before``), an exact account of a change (``effects``) with its cause (``causes``), town and country (``settlement``), and peers
(``features``, ``peers``). Not here: what a county is ranked by (``county_measure``, ``measure_part``) and ranks (``county_ranking``),
which compare nothing across changes of boundaries; these tables say how far such years can be compared, and agree where both speak.
"""
