"""The ledger (台账): what each school lacks, whether it is new or closed, what it costs, and how counties progress.

Here: amounts (``need``, ``campuses``), one row a school and item (``held``), the year before (``fate``), prices (``prices``), the county's
account (``progress``) and its lists (``lists``). Not here: whether a value is met (``sql/indicator_attainment.sql``), what moves
or money would mend best (advice).
"""
