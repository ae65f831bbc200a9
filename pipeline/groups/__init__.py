"""School groups and school districts: who is in one, how far the schools of one are apart, what groups reach and are awarded.

Here: the register of a home and what it says at each collection (``spells``), the members of a year (``members``), gaps inside
(``gaps``), reach (``coverage``), assessment and awards (``ranking``, ``awards``). Not here: how a county's gap divides over its groups.
"""
