"""Reports: the static site that an inspector opens, made from a finished release database.

Here: reading the public tables (``release``, ``areas``), the facts of pages (``facts``, ``gather``, ``notices`` of a county;
``area_facts``, ``area_gather``, ``families``, ``nation_facts`` of areas), words and numbers (``words``, ``phrases``,
``numbers``, ``measures``), figures as plain dictionaries (``figures``, ``swarm``), pages (a module and a template each),
workbooks (``workbooks/``), and the building of the folder (``render``, ``site``). Not here: any computation of a value, a gap
or a verdict on a gap (``pipeline/sql``), reading of returns, Dagster, Great Expectations.
"""
