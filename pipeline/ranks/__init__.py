"""Composites and their ranks as plain functions of NumPy arrays: nothing here knows a catalogue, a table or a school.

Here: putting indicators on one scale (``normalise``), making one figure of several (``composite``), ranks and what moves them
(``places``), how indicators go together (``relation``). The method of composite indicators is that of the OECD and JRC handbook
(2008); a published worked example (51 countries, 49 indicators, four levels) is reproduced by the tests. Not here: gap
coefficients, weights of a standard, draws.
"""
