"""A second computation of the whole method, from the cells of the workbooks, that shares no line with the product.

Here: readers of cells (python-calamine), campuses and schools, values, attainment, scores, gaps and rankings in NumPy and
pandas, written from the texts: the standards' levels, scopes and formulas stand here a second time. Not here: any import of
``pipeline``; what the release tells the oracle is only which rows it quarantined.
"""
