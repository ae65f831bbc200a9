"""Official lists of divisions, last year's schools, and what changes from one year's roster to the next.

Here: how lists of the civil-affairs bureau, of the statistics bureau and plain ones become the rows of a roster; how the
schools of the year before join them; comparing rosters; the changes of codes that a home keeps. Not here: what a roster
may hold and how it is read (``store.roster``), and what its expectations lead to (``store.expected``).
"""
