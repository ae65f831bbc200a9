"""Partitions: ingest is partitioned by collection year, and nothing else is."""

import dagster as dg

collection_year = dg.DynamicPartitionsDefinition(name="collection_year")
"""A key is a year with a folder in the inbox (or '0': files that lie outside every year's folder)."""
