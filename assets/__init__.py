"""Dagster: what depends on what, and when. Bodies call one function of the rooms.

``ingest`` (partitioned by collection year), ``tables`` (one asset a table), ``release`` (database, site, release, latest),
``checks`` (they block), ``watch`` (checks that only warn), ``jobs``, ``sensors`` (and the schedule), ``resources``, all gathered
in ``definitions``. Nothing here computes. Heavy libraries are imported inside bodies, so that definitions load at once.
"""
