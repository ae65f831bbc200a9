"""What a county is judged to be: the tests of a standard's county items, the items, and the whole.

Here: how the kinds of test in ``schema.county`` are judged, from cells of the county and from rows of its schools; relaxations by
the register; reasons in words. Not here: any item, field or level; those stand in ``catalogue/standards``.
"""
