"""Reports: the static site that an inspector opens, made from a finished release database.

Here: reading the public tables (``release``), the facts of a page (``facts``, ``gather``, ``notices``), words and numbers
(``words``, ``numbers``), figures as plain dictionaries (``figures``, ``swarm``), pages (``county_page``, ``home_page``,
``templates/``) and the building of the folder (``site``). Not here: any computation of a value, a gap or a verdict
(``pipeline/sql``), reading of returns, Dagster, Great Expectations.
"""
