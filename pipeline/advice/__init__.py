"""Advice: what would bring a county's gap within its limit, by moving what can move, or by adding what cannot.

Here: the fewest moves (``fewest``), the same number kept within groups and districts (``within``), the list of moves
(``pairing``), the plan as a whole (``rotation``), what it does to the other counts of the same people (``side_effects``); the least spending
(``spending``) and its whole units (``whole``); the schools that a plan is made from (``county``, ``reading``); the words
(``words``). A plan is held against the limit by the pipeline's own function (``judge``). Not here: whether a gap is too
large (``gap_coefficient``), how a plan is shown (``junheng.advise``). ``method`` 9 decides the formulas.
"""
