"""Reports: the static site that an inspector opens and the workbooks beside it, made from a finished release database.

Here: reading the public tables (``reader``, ``release``, ``judged``, ``areas``), the facts of a county page (``facts``, ``gather``,
and what they hold: ``scorecard``, ``past``, ``standing``, ``contributions``, ``notices``), those
of areas (``area_facts``, ``area_gather``, ``families``, ``nation_facts``), words and numbers (``words``,
``phrases*``, ``numbers``, ``reasons``, ``measures``), figures as plain dictionaries (``figures``, ``strip``, ``swarm`` and one
module a figure), tables, pages (one maker a kind of page, ``templates/``), the building of the folder (``site``) and the
workbooks (``workbooks/``). Not here: any computation of a value, a gap or a verdict (``pipeline/sql``), reading of returns,
Dagster, Great Expectations.
"""
