"""Tables: what each is called, who makes it, what it reads, what its columns mean.

Here: the registry (``described/``, read by ``registry``), making tables from SQL templates (``compute``), those that
state the catalogue (``catalogue_tables``), and those that SQL is the wrong tool for (``python_tables``: a module a table, of its name). Not here: the SQL itself (``pipeline/sql``), the order of work
(``assets``).
"""
