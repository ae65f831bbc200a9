"""Tables: what each is called, who makes it, what it reads, what its columns mean.

Here: the registry (``tables.yaml``, read by ``registry``), making tables from SQL templates (``compute``) and the tables
that SQL is the wrong tool for (``catalogue_tables``). Not here: the SQL itself (``pipeline/sql``), the order of work
(``assets``).
"""
